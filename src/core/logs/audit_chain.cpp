#include "core/logs/audit_chain.h"

#include <algorithm>
#include <charconv>

namespace api_key {

namespace {

constexpr std::size_t max_gaps = 1000;

// The digest of a gap, extended by one more entry.
std::string digest_with(const std::string& before, const AuditLink& link, std::string_view entry) {
    const auto digest = sha256(before + '\n' + std::to_string(link.number) + '\n' + link.mac + '\n' + std::string(entry));
    return digest ? to_hex(as_bytes(*digest)) : std::string();
}

std::uint64_t number_of(const json_t* object, const char* name) {
    return static_cast<std::uint64_t>(json_integer_value(json_object_get(object, name)));
}

} // namespace

AuditChain::AuditChain(const Peppers& peppers, std::uint64_t account, std::uint64_t from, std::string anchor)
    : peppers_(peppers), account_(account), last_{from, {}}, anchor_(std::move(anchor)), anchored_(anchor_.empty()) {}

void AuditChain::trust(const AuditLink& entry) {
    last_ = entry;
    trusted_ = entry.number;
    anchored_ = anchored_ || anchor_ == head_text(last_);
}

bool AuditChain::follow(const AuditLink& link, std::string_view entry) {
    if (link.number != last_.number + 1) {
        problem_ = "entry " + std::to_string(last_.number + 1) + " is missing";
        return false;
    }
    if (verify_audit_entry(peppers_, account_, last_, entry, link.mac)) {
        read_note(link, entry);
    } else {
        widen_gap(link, entry);
    }
    last_ = link;
    anchored_ = anchored_ || anchor_ == head_text(last_);
    return gaps_.size() <= max_gaps;
}

void AuditChain::widen_gap(const AuditLink& link, std::string_view entry) {
    if (gaps_.empty() || gaps_.back().last != last_.number) {
        gaps_.push_back({last_, link.number, link.number, {}, 0});
    }
    AuditGap& gap = gaps_.back();
    gap.last = link.number;
    gap.digest = digest_with(gap.digest, link, entry);
}

void AuditChain::read_note(const AuditLink& link, std::string_view entry) {
    if (gaps_.empty() || entry.find(repair_action) == std::string_view::npos) {
        return;
    }
    const Json object(json_loadb(entry.data(), entry.size(), 0, nullptr));
    if (text_of(json_object_get(object.get(), "action")) != repair_action) {
        return;
    }
    const json_t* noted = json_object_get(json_object_get(object.get(), "after"), "entries");
    for (std::size_t index = 0; index < json_array_size(noted); index++) {
        const json_t* one = json_array_get(noted, index);
        for (AuditGap& gap : gaps_) {
            const bool is_whole = gap.first == number_of(one, "first") && gap.digest == text_of(json_object_get(one, "digest"));
            const bool is_rest =
                gap.first == trusted_ + 1 && trusted_ != 0 && number_of(one, "first") < gap.first; // it began before trusted_
            if (gap.last == number_of(one, "last") && (is_whole || is_rest)) {
                gap.noted_by = link.number;
            }
        }
    }
}

void AuditChain::end(const AuditLink& head) {
    const bool has_missing = !problem_.empty();
    if (last_.number < head.number && !has_missing && gaps_.size() <= max_gaps) {
        problem_ = "the entries after " + std::to_string(last_.number) + " have been cut off";
    } else if (last_.number == head.number && last_.mac != head.mac) {
        problem_ = "its head has been altered";
    } else if (!anchored_ && problem_.empty()) {
        problem_ = "it does not have the entry that --anchor names: its end has been cut off, or it was written anew";
    }
    const auto gap = std::find_if(gaps_.begin(), gaps_.end(), [](const AuditGap& one) { return one.noted_by == 0; });
    if (gap != gaps_.end()) {
        can_be_noted_ = problem_.empty();
        problem_ = "entry " + std::to_string(gap->first) + " has been altered, or is signed by a pepper that is not in the file";
        last_ = gap->before;
    }
}

Json note_of_gaps(std::span<const AuditGap> gaps) {
    json_t* entries = json_array();
    for (const AuditGap& gap : gaps) {
        json_t* one = json_object();
        set_number(one, "first", static_cast<std::int64_t>(gap.first));
        set_number(one, "last", static_cast<std::int64_t>(gap.last));
        set(one, "digest", gap.digest);
        json_array_append_new(entries, one);
    }
    Json note(json_object());
    json_object_set_new(note.get(), "entries", entries);
    return note;
}

Json noted_gaps(std::span<const AuditGap> gaps) {
    Json noted;
    for (const AuditGap& gap : gaps) {
        if (gap.noted_by == 0) {
            continue;
        }
        if (!noted) {
            noted.reset(json_array());
        }
        json_t* one = json_object();
        set_number(one, "first", static_cast<std::int64_t>(gap.first));
        set_number(one, "last", static_cast<std::int64_t>(gap.last));
        set_number(one, "by", static_cast<std::int64_t>(gap.noted_by));
        json_array_append_new(noted.get(), one);
    }
    return noted;
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
