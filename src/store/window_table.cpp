#include "store/window_table.h"

#include <vector>

#include "core/policy/limits.h"

namespace api_key::store {

namespace {

struct Ring {
    const WindowInfo* first; // of its windows
    std::string spans;       // how many buckets each of them counts
    int windows;
};

// Finds the ring of a window that has buckets, adding it if it is new.
Ring& ring_of(std::vector<Ring>& rings, const WindowInfo& window) {
    for (Ring& ring : rings) {
        if (ring.first->ring == window.ring) {
            return ring;
        }
    }
    return rings.emplace_back(Ring{&window, {}, 0});
}

} // namespace

std::string window_table() {
    std::vector<Ring> rings;
    std::string table = "local windows = {\n";
    std::string count_bit;
    for (const WindowInfo& window : windows) {
        table += "  {name = '" + std::string(window.name) + "', is_rate = " + (is_rate(window.window) ? "true" : "false") +
                 ", bit = " + std::to_string(window.charge_bit);
        if (is_rolling(window.window)) {
            Ring& ring = ring_of(rings, window);
            ring.spans += (ring.windows != 0 ? ", " : "") + std::to_string(bucket_count(window.window));
            table += ", sum = " + std::to_string(++ring.windows);
        } else {
            count_bit = std::to_string(window.charge_bit);
        }
        table += "},\n";
    }
    table += "}\nlocal ring_kinds = {\n";
    for (const Ring& ring : rings) {
        table += "  {name = '" + std::string(ring.first->ring) + "', bit = " + std::to_string(ring.first->charge_bit) +
                 ", width_ms = " + std::to_string(ring.first->bucket_ms) + ", spans = {" + ring.spans + "}},\n";
    }
    return table + "}\nlocal count_bit = " + count_bit + "\n";
}

} // namespace api_key::store
