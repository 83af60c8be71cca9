// Sessions of the dashboard. A session stands for the key it was made with, on every node, until it has been idle for too long.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/secrets/digest.h"
#include "store/step_flow.h"

namespace api_key::store {

inline constexpr std::int64_t session_idle_ms = std::int64_t{30} * 60 * 1000;
inline constexpr std::int64_t session_lasts_ms = std::int64_t{12} * 3600 * 1000;
inline constexpr std::int64_t session_renewal_late_ms = std::int64_t{60} * 1000;

struct StoredSession {
    Digest name{}; // HMAC of the token: its name in the store
    std::uint64_t account = 0;
    std::uint64_t key_id = 0;
    std::int64_t until_ms = 0; // unix: its end, even when it is used until then
    std::string sealed;        // see core/session.h
};

// The session's `until_ms` is ignored on input: the store sets it.
class CreateSession : public StepFlow {
  public:
    CreateSession(const Keyspace& keyspace, Author author, StoredSession session)
        : keyspace_(keyspace), author_(std::move(author)), session_(std::move(session)) {}
    std::int64_t until_ms() const { return session_.until_ms; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Author author_;
    StoredSession session_;
};

// Reads a session by any of these names (one per pepper version). not_found: it has ended.
class ReadSession : public StepFlow {
  public:
    ReadSession(const Keyspace& keyspace, std::vector<Digest> names) : keyspace_(keyspace), names_(std::move(names)) {}
    const StoredSession& session() const { return session_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::vector<Digest> names_;
    StoredSession session_;
};

// Also done when it had ended before.
class EndSession : public StepFlow {
  public:
    EndSession(const Keyspace& keyspace, Author author, const StoredSession& session)
        : keyspace_(keyspace), author_(std::move(author)), name_(session.name), account_(session.account), key_id_(session.key_id) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Author author_;
    Digest name_;
    std::uint64_t account_;
    std::uint64_t key_id_;
};

} // namespace api_key::store
