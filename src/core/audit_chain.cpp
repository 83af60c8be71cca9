#include "core/audit_chain.h"

namespace api_key {

AuditChain::AuditChain(const Peppers& peppers, std::uint64_t account, std::uint64_t from, std::string anchor)
    : peppers_(peppers), account_(account), last_{from, {}}, anchor_(std::move(anchor)), anchored_(anchor_.empty()) {}

bool AuditChain::follow(const AuditLink& link, std::string_view entry) {
    if (link.number != last_.number + 1) {
        problem_ = "entry " + std::to_string(last_.number + 1) + " is missing";
    } else if (!verify_audit_entry(peppers_, account_, last_, entry, link.mac)) {
        problem_ = "entry " + std::to_string(link.number) + " has been altered, or is signed by a pepper that is not in the file";
    } else {
        last_ = link;
        anchored_ = anchored_ || anchor_ == head_text(last_);
    }
    return problem_.empty();
}

void AuditChain::end(const AuditLink& head) {
    if (!problem_.empty()) {
        return;
    }
    if (last_.number < head.number) {
        problem_ = "the entries after " + std::to_string(last_.number) + " have been cut off";
    } else if (last_.number == head.number && last_.mac != head.mac) {
        problem_ = "its head has been altered";
    } else if (!anchored_) {
        problem_ = "it does not have the entry that --anchor names: its end has been cut off, or it was written anew";
    }
}

std::string head_text(const AuditLink& head) {
    return std::to_string(head.number) + ":" + head.mac;
}

} // namespace api_key
