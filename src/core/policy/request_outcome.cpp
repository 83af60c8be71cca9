#include "core/policy/request_outcome.h"

namespace api_key {

RequestOutcome outcome_of_status(std::uint64_t status) {
    constexpr std::uint64_t switching_protocols = 101;
    constexpr std::uint64_t no_content = 204;
    if (status == switching_protocols) {
        return RequestOutcome::served;
    }
    if (status == no_content || (status >= 300 && status < 400)) {
        return RequestOutcome::empty;
    }
    return status >= 200 && status < 300 ? RequestOutcome::served : RequestOutcome::failed;
}

RequestOutcome outcome_of(const AskedUpstream& upstream, bool client_left) {
    if (upstream.has_answered) {
        return outcome_of_status(upstream.status);
    }
    const bool has_not_failed = upstream.status == 0 || outcome_of_status(upstream.status) == RequestOutcome::served;
    return client_left && has_not_failed && upstream.was_sent ? RequestOutcome::served : RequestOutcome::failed;
}

} // namespace api_key
