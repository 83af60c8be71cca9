#include "cache/change_log.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "cache/allowances.h"
#include "core/text/next_part.h"

namespace api_key::cache {

namespace {

std::optional<std::uint64_t> number(std::string_view word) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) {
        return std::nullopt;
    }
    return value;
}

} // namespace

bool ChangeLog::is_heartbeat_due(std::uint64_t now_ms) {
    std::uint64_t due = header_.heartbeat_due_ms.load(std::memory_order_relaxed);
    return now_ms >= due &&
           header_.heartbeat_due_ms.compare_exchange_strong(due, now_ms + heartbeat_interval_ms, std::memory_order_relaxed);
}

void ChangeLog::heartbeat(const Heartbeat& heartbeat, std::uint64_t now_ms) {
    const std::uint64_t known_epoch = header_.epoch_tag.exchange(heartbeat.epoch_tag, std::memory_order_acq_rel);
    const bool went_back = heartbeat.sequence < heartbeat.sequence_when_asked;
    if (known_epoch != heartbeat.epoch_tag || went_back) {
        start_again(heartbeat.sequence);
    } else if (sequence() < heartbeat.sequence) {
        std::uint64_t behind_since = 0;
        if (header_.behind_since_ms.compare_exchange_strong(behind_since, now_ms) || now_ms - behind_since < catch_up_ms) {
            return;
        }
        start_again(heartbeat.sequence);
    }
    header_.behind_since_ms.store(0, std::memory_order_relaxed);
    std::uint64_t confirmed = header_.confirmed_ms.load(std::memory_order_relaxed);
    while (confirmed < heartbeat.asked_ms && !header_.confirmed_ms.compare_exchange_weak(confirmed, heartbeat.asked_ms)) {}
}

// Forgets first: who finds the new sequence acts on the next change, and nothing older may be valid by then.
void ChangeLog::start_again(std::uint64_t sequence) {
    zone_.invalidate_all();
    header_.sequence.store(sequence, std::memory_order_release);
}

// Advances by the next change only: if one is missing before it, the heartbeat has to find out.
bool ChangeLog::advance(std::uint64_t before, std::uint64_t sequence) {
    return header_.sequence.compare_exchange_strong(before, sequence, std::memory_order_acq_rel);
}

std::optional<std::uint64_t> changed_key(std::string_view message) {
    next_part(message, ' ');
    next_part(message, ' ');
    return next_part(message, ' ') == "key" ? number(next_part(message, ' ')) : std::nullopt;
}

bool ChangeLog::message(std::string_view text) {
    const std::optional<std::uint64_t> sequence_read = number(next_part(text, ' '));
    const std::optional<std::uint64_t> before = number(next_part(text, ' '));
    const std::string_view kind = next_part(text, ' ');
    const std::optional<std::uint64_t> id = number(next_part(text, ' '));
    if (!sequence_read || !before || !id || (kind != "key" && kind != "account" && kind != "room")) {
        zone_.invalidate_all();
        return false;
    }
    if (*sequence_read <= sequence()) {
        return false; // another worker has applied it already
    }
    if (kind == "key") {
        zone_.invalidate_key(*id);
    } else if (kind == "account") {
        zone_.invalidate_account(*id);
    } else {
        Allowances(zone_).forget_refusal(*id);
    }
    return advance(*before, *sequence_read);
}

std::uint64_t ChangeLog::confirmed_ms(std::uint64_t fetched_ms) const {
    return std::max(fetched_ms, header_.confirmed_ms.load(std::memory_order_relaxed));
}

} // namespace api_key::cache
