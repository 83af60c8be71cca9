#include "core/audit_chain.h"

#include <algorithm>
#include <charconv>

namespace api_key {

AuditChain::AuditChain(const Peppers& peppers, std::uint64_t account, std::uint64_t from, std::string anchor)
    : peppers_(peppers), account_(account), last_{from, {}}, anchor_(std::move(anchor)), anchored_(anchor_.empty()) {}

void AuditChain::take_as_given(const AuditLink& entry) {
    last_ = entry;
    anchored_ = anchored_ || anchor_ == head_text(last_);
}

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

AuditLink trimmed_by(std::string_view entry) {
    const Json object(json_loadb(entry.data(), entry.size(), 0, nullptr));
    const json_t* head = json_object_get(json_object_get(object.get(), "after"), "head");
    const json_t* action = json_object_get(object.get(), "action");
    if (!json_is_string(head) || !json_is_string(action) || text_of(action) != "log.trim") {
        return {};
    }
    const std::string_view text = text_of(head);
    const std::size_t colon = std::min(text.find(':'), text.size());
    AuditLink last;
    std::from_chars(text.data(), text.data() + colon, last.number);
    last.mac = text.substr(std::min(colon + 1, text.size()));
    return last;
}

} // namespace api_key
