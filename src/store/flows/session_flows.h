// Sessions of the dashboard. A session stands for the key it was made with, on every node, until it has been idle for too long.
#pragma once

#include <cstdint>
#include <set>
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

struct ListedSession {
    StoredSession session;          // without its seal
    std::int64_t idle_until_ms = 0; // its end unless it is used
};

// All sessions of all accounts, in no order. Reads a bounded number of them at a time.
class ListSessions : public StepFlow {
  public:
    explicit ListSessions(const Keyspace& keyspace) : keyspace_(keyspace) {}
    const std::vector<ListedSession>& sessions() const { return sessions_; }

  private:
    enum class Stage : std::uint8_t { start, names, sessions };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> scan();
    std::vector<Command> ask(const redisReply* scanned);
    std::vector<Command> take(std::span<const Reply> replies);

    const Keyspace& keyspace_;
    Stage stage_ = Stage::start;
    std::string cursor_ = "0";
    std::vector<Digest> names_; // that were asked for
    std::set<Digest> seen_;     // SCAN may give a name twice
    std::vector<ListedSession> sessions_;
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
