#include "module/attempts.h"

#include "module/response.h"
#include "module/worker.h"
#include "store/audit_flows.h"

namespace api_key::module {

namespace {

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

void note_failed_attempt(const RequestContext& context, Worker& worker) {
    if (!is_attempt(context.reason)) {
        return;
    }
    Author author;
    author.peppers = &*worker.configuration.peppers;
    author.address = view(context.request->connection->addr_text);
    author.request_id = request_id(context.request);
    author.now_ms = unix_ms();
    const std::uint64_t account = context.has_record ? context.record.account : 0;
    const std::uint64_t key_id = context.has_record ? context.record.id : 0;
    worker.client->run(std::make_unique<store::NoteAttempt>(*worker.configuration.keyspace, std::move(author), account, key_id,
                                                            std::string(info(context.reason).name)),
                       nullptr, nullptr);
}

} // namespace api_key::module
