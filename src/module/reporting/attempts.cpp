#include "module/reporting/attempts.h"

#include "core/policy/cidr.h"
#include "module/ngx/client_address.h"
#include "module/request/author.h"

namespace api_key::module {

namespace {

constexpr std::uint64_t repeated_for_ms = 60'000;
constexpr std::uint64_t kept_unknown = 10'000; // entries of the log of account 0, once there are more than:
constexpr std::uint64_t max_unknown = 11'000;

// A key was presented and is not good here. A limit, or a store that is down, is no attempt.
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

bool Attempts::is_repeated(std::size_t hash) {
    Recent& recent = recent_[hash % recent_.size()];
    if (recent.hash == hash && recent.at_ms != 0 && ngx_current_msec - recent.at_ms < repeated_for_ms) {
        return true;
    }
    recent = {hash, ngx_current_msec};
    return false;
}

void Attempts::note(const RequestContext& context) {
    if (!is_attempt(context.reason)) {
        return;
    }
    const std::uint64_t account = context.has_record ? context.record->account : 0;
    const std::uint64_t key_id = context.has_record ? context.record->id : 0;
    const std::optional<Address> address = client_address(context.request);
    const std::string network = address ? format_network(network_of(*address)) : std::string();
    const std::string reason(info(context.reason).name);
    if (is_repeated(std::hash<std::string>()(reason + network + std::to_string(key_id)))) {
        return;
    }
    link_.run<store::NoteAttempt>(Lane::requests, done<&Attempts::noted>, this, author_of(context.request, 0, peppers_),
                                  store::Attempt{account, key_id, reason, network});
}

// No owner reads the whole log of account 0, which has the attempts with unknown keys, so it is trimmed.
void Attempts::noted(const store::NoteAttempt& note) {
    if (note.account() != 0 || note.log_size() <= max_unknown || ngx_exiting) {
        return;
    }
    Author author;
    author.peppers = &peppers_;
    author.name = "nginx";
    author.now_ms = unix_ms();
    link_.send<store::TrimAudit>(Lane::requests, std::move(author), std::uint64_t{0}, kept_unknown);
}

} // namespace api_key::module
