// Flows on one key. The keyspace must outlive them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/documents/key_document.h"
#include "core/policy/record.h"
#include "store/flows/usage_history.h"
#include "store/keyspace.h"
#include "store/step_flow.h"

namespace api_key::store {

// An Idempotency-Key: the same key and body get the same answer for a day.
struct Once {
    Digest key;                                        // of the header's value
    Digest body;                                       // of the request's method, route and body
    std::function<std::string(std::uint64_t id)> seal; // the answer, sealed; called once, when the id is known
};

// The keys that the caller may see. A key outside of it is answered like an unknown id.
struct KeyScope {
    std::uint64_t account = 0;      // 0: any (the operator's tool)
    std::vector<std::string> types; // empty: any
    bool covers(const KeyRecord& key) const;
};

// Base of the flows that begin with reading one key.
class KeyFlow : public StepFlow {
  public:
    const KeyRecord& key() const { return key_; }
    std::int64_t store_now_ms() const { return store_now_ms_; }

  protected:
    KeyFlow(const Keyspace& keyspace, KeyScope scope, std::uint64_t id) : keyspace_(keyspace), scope_(std::move(scope)), id_(id) {}

    std::vector<Command> ask() const;
    bool take(std::span<const Reply> replies); // the answers to `ask`; false: the flow has ended, there is no such key

    const Keyspace& keyspace_;
    KeyScope scope_;
    std::uint64_t id_;
    KeyRecord key_;

  private:
    std::int64_t store_now_ms_ = 0;
};

class ReadKey : public KeyFlow {
  public:
    ReadKey(const Keyspace& keyspace, KeyScope scope, std::uint64_t id) : KeyFlow(keyspace, std::move(scope), id) {}

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;
};

// The limit on an account's keys, over all its types.
struct KeyCount {
    std::size_t most = 0; // 0: no limit
    std::vector<std::string> types;
};

class CreateKey : public StepFlow {
  public:
    // `draft` has everything but id, version and creation time. `cloned_from`: an id for the security log, or 0.
    CreateKey(const Keyspace& keyspace, Author author, KeyRecord draft, std::optional<Once> once, std::uint64_t cloned_from = 0,
              KeyCount count = {})
        : keyspace_(keyspace), author_(std::move(author)), draft_(std::move(draft)), once_(std::move(once)), cloned_from_(cloned_from),
          count_(std::move(count)) {}
    std::uint64_t id() const { return draft_.id; }
    const std::optional<std::string>& repeated() const { return repeated_; } // the sealed answer of an earlier request

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> create();

    AuditEvent event() const;

    const Keyspace& keyspace_;
    Author author_;
    KeyRecord draft_;
    std::optional<Once> once_;
    std::uint64_t cloned_from_;
    KeyCount count_;
    std::optional<std::string> repeated_;
};

// Reads a key and then changes it, and retries when another change came in between. `key()` is the record before the change; for UpdateKey,
// after it.
class ChangeFlow : public KeyFlow {
  public:
    std::uint64_t sequence() const { return sequence_; } // of the change; 0: nothing was changed

  protected:
    ChangeFlow(const Keyspace& keyspace, Author author, KeyScope scope, std::uint64_t id)
        : KeyFlow(keyspace, std::move(scope), id), author_(std::move(author)) {}

    virtual std::vector<Command> prepare() { return {}; } // what has to be read before the change; none as a rule
    virtual void prepared(std::span<const Reply>) {}
    virtual std::vector<Command> change() = 0;
    virtual std::vector<Command> finish(const Reply& reply) = 0; // what the script of the change answers

    const Pace& pace() const { return author_.pace; }
    std::vector<Command> send(AuditedCall call, AuditEvent event);
    std::vector<Command> read_again();                    // the record changed after it was read
    std::vector<Command> end_changed(const Reply& reply); // the change was made

  private:
    enum class Stage { start, read, prepare, change };

    std::vector<Command> step(std::span<const Reply> replies) final;

    Author author_;
    Stage stage_ = Stage::start;
    unsigned attempts_ = 0;
    std::uint64_t sequence_ = 0;
};

class UpdateKey : public ChangeFlow {
  public:
    UpdateKey(const Keyspace& keyspace, Author author, KeyScope scope, std::uint64_t id, KeyChange change)
        : ChangeFlow(keyspace, std::move(author), std::move(scope), id), change_(std::move(change)) {}

  private:
    std::vector<Command> prepare() override;
    void prepared(std::span<const Reply> replies) override;
    std::vector<Command> change() override;
    std::vector<Command> finish(const Reply& reply) override;

    KeyChange change_;
    KeyRecord after_;
    std::optional<UsageHistory> history_;
};

class DeleteKey : public ChangeFlow {
  public:
    DeleteKey(const Keyspace& keyspace, Author author, KeyScope scope, std::uint64_t id, bool only_unused)
        : ChangeFlow(keyspace, std::move(author), std::move(scope), id), only_unused_(only_unused) {}

  private:
    std::vector<Command> change() override;
    std::vector<Command> finish(const Reply& reply) override;

    bool only_unused_;
};

class RotateKey : public ChangeFlow {
  public:
    struct Secret {
        Digest digest;
        std::uint16_t pepper_version;
        std::string shown_prefix;
    };

    // `make` gets the key's type and makes the new secret; false: it could not.
    RotateKey(const Keyspace& keyspace, Author author, KeyScope scope, std::uint64_t id,
              std::function<bool(const KeyRecord&, Secret&)> make, std::int64_t overlap_s, std::optional<Once> once)
        : ChangeFlow(keyspace, std::move(author), std::move(scope), id), make_(std::move(make)), overlap_s_(overlap_s),
          once_(std::move(once)) {}
    const std::optional<std::string>& repeated() const { return repeated_; }

  private:
    std::vector<Command> change() override;
    std::vector<Command> finish(const Reply& reply) override;

    std::function<bool(const KeyRecord&, Secret&)> make_;
    std::int64_t overlap_s_;
    std::optional<Once> once_;
    std::optional<Secret> secret_;
    std::optional<std::string> repeated_;
};

enum class KeyEvent : std::uint8_t { use, refusal };

// Records that a request presented the key. done, not_found.
class TouchKey : public StepFlow {
  public:
    TouchKey(const Keyspace& keyspace, std::uint64_t id, KeyEvent event = KeyEvent::use) : keyspace_(keyspace), id_(id), event_(event) {}

    KeyEvent event() const { return event_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::uint64_t id_;
    KeyEvent event_;
};

} // namespace api_key::store
