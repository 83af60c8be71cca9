#include "module/reporting/attempts.h"

#include "core/policy/cidr.h"
#include "module/admission/address_guard.h"
#include "module/request/response.h"
#include "module/worker.h"
#include "store/flows/audit_flows.h"

namespace api_key::module {

namespace {

constexpr std::uint64_t told_for_ms = 60'000;
constexpr std::uint64_t kept_unknown = 10'000; // entries of the log of account 0, once there are more than:
constexpr std::uint64_t most_unknown = 11'000;

// A key that was shown and is not good here; a limit or a store that is away is no attempt.
bool is_attempt(Reason reason) {
    switch (reason) {
    case Reason::multiple_keys:
    case Reason::invalid_key:
    case Reason::inactive_key:
    case Reason::expired_key:
    case Reason::wrong_key_type:
    case Reason::ip_not_allowed:
        return true;
    default:
        return false;
    }
}

} // namespace

bool Attempts::is_told(std::size_t what) {
    Told& told = told_[what % told_.size()];
    if (told.what == what && told.at_ms != 0 && ngx_current_msec - told.at_ms < told_for_ms) {
        return true;
    }
    told = {what, ngx_current_msec};
    return false;
}

void Attempts::note(const RequestContext& context) {
    if (!is_attempt(context.reason)) {
        return;
    }
    const std::uint64_t account = context.has_record ? context.record.account : 0;
    const std::uint64_t key_id = context.has_record ? context.record.id : 0;
    const std::optional<Address> address = client_address(context.request);
    const std::string network = address ? format_network(network_of(*address)) : std::string();
    const std::string reason(info(context.reason).name);
    if (is_told(std::hash<std::string>()(reason + network + std::to_string(key_id)))) {
        return;
    }
    Author author;
    author.peppers = &*worker_.configuration.peppers;
    author.address = view(context.request->connection->addr_text);
    author.request_id = request_id(context.request);
    author.now_ms = unix_ms();
    worker_.client->run(std::make_unique<store::NoteAttempt>(*worker_.configuration.keyspace, std::move(author),
                                                             store::Attempt{account, key_id, reason, network}),
                        noted, this);
}

// The log of those whose account nobody knows has no owner who would read all of it.
void Attempts::noted(void* data, store::Flow& flow) {
    auto& self = *static_cast<Attempts*>(data);
    const auto& note = static_cast<const store::NoteAttempt&>(flow);
    if (note.account() != 0 || note.log_size() <= most_unknown || ngx_exiting) {
        return;
    }
    Author author;
    author.peppers = &*self.worker_.configuration.peppers;
    author.name = "nginx";
    author.now_ms = unix_ms();
    self.worker_.client->run(std::make_unique<store::TrimAudit>(*self.worker_.configuration.keyspace, std::move(author), 0, kept_unknown),
                             nullptr, nullptr);
}

} // namespace api_key::module
