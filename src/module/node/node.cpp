#include "module/node/node.h"

#include <array>

#include "cache/change_log.h"
#include "core/secrets/digest.h"
#include "store/blocking/blocking_runner.h"
#include "store/random_source.h"

namespace api_key::module {

namespace {

constexpr std::int64_t clock_margin_ms = 1000;

std::string name_of(std::uint64_t node) {
    std::array<char, 4> bytes{};
    std::memcpy(bytes.data(), &node, bytes.size());
    std::string name;
    for (const char c : view(const_cast<const ngx_cycle_t*>(ngx_cycle)->hostname)) {
        name += c > ' ' && c < '\x7f' && c != ',' ? c : '_';
    }
    return name + "/" + to_hex({bytes.data(), bytes.size()});
}

} // namespace

store::Node this_node(cache::Zone& zone, const MainConfiguration& configuration) {
    std::atomic<std::uint64_t>& node = zone.header().node;
    if (node.load() == 0) {
        std::uint64_t none = 0;
        node.compare_exchange_strong(none, store::random_word());
    }
    const auto trusted_ms = static_cast<std::int64_t>(configuration.max_stale_ms + cache::ChangeLog::trusted_for_ms);
    return {name_of(node.load()), trusted_ms + clock_margin_ms};
}

void deregister(cache::Zone& zone, const MainConfiguration& configuration) {
    const store::ClientOptions& redis = *configuration.redis;
    if (zone.header().confirmed_ms.load() == 0) {
        return; // it never registered
    }
    if (Result<store::BlockingRunner> runner = store::BlockingRunner::connect(redis.access, redis.timeout_ms)) {
        store::ForgetNode flow(*configuration.keyspace, name_of(zone.header().node.load()));
        runner->run(flow);
    }
}

} // namespace api_key::module
