// Accounts, as the operator's tool creates, changes and reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/keyspace.h"
#include "store/step_flow.h"

namespace api_key::store {

struct Account {
    std::uint64_t id = 0;
    std::string name;
    std::string plan;
    bool active = true;
    std::int64_t created_ms = 0;
    std::uint64_t version = 0;          // grows with each change
    std::vector<std::string> key_types; // the types that it has keys of; ReadAccount only
};

class CreateAccount : public StepFlow {
  public:
    // `random` becomes the store's epoch if this is its first account.
    CreateAccount(const Keyspace& keyspace, Author author, std::string name, std::string plan, std::string random)
        : keyspace_(keyspace), author_(std::move(author)), name_(std::move(name)), plan_(std::move(plan)), random_(std::move(random)) {}
    std::uint64_t id() const { return id_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Author author_;
    std::string name_;
    std::string plan_;
    std::string random_;
    std::uint64_t id_ = 0;
};

// Members without a value stay as they are.
struct AccountChange {
    std::optional<std::string> name;
    std::optional<bool> active;
};

// The keys of an account that is not active are refused as inactive.
class UpdateAccount : public StepFlow {
  public:
    UpdateAccount(const Keyspace& keyspace, Author author, std::uint64_t id, AccountChange change)
        : keyspace_(keyspace), author_(std::move(author)), change_(std::move(change)) {
        before_.id = id;
    }
    std::uint64_t sequence() const { return sequence_; } // of the change; 0: nothing was changed

  private:
    enum class Stage : std::uint8_t { start, read, change };

    std::vector<Command> step(std::span<const Reply> replies) override;
    std::vector<Command> read();
    std::vector<Command> change(const Reply& account);
    std::vector<Command> finish(const Reply& reply);
    AuditEvent event(const Account& after) const;

    const Keyspace& keyspace_;
    Author author_;
    AccountChange change_;
    Account before_;
    Stage stage_ = Stage::start;
    unsigned attempts_ = 0;
    std::uint64_t sequence_ = 0;
};

class ReadAccount : public StepFlow {
  public:
    ReadAccount(const Keyspace& keyspace, std::uint64_t id) : keyspace_(keyspace) { account_.id = id; }
    const Account& account() const { return account_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    Account account_;
};

// At most `limit` (1 to 1000) accounts with ids above `after`, oldest first.
class ListAccounts : public StepFlow {
  public:
    ListAccounts(const Keyspace& keyspace, std::uint64_t after, std::size_t limit) : keyspace_(keyspace), after_(after), limit_(limit) {}
    const std::vector<Account>& accounts() const { return accounts_; }

  private:
    std::vector<Command> step(std::span<const Reply> replies) override;

    const Keyspace& keyspace_;
    std::uint64_t after_;
    std::size_t limit_;
    bool has_ids_ = false;
    std::vector<Account> accounts_;
};

} // namespace api_key::store
