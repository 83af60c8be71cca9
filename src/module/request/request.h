// The module's context of a request, from its first phase to the log.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "cache/allowances.h"
#include "cache/layout.h"
#include "cache/metrics.h"
#include "core/policy/decision.h"
#include "core/policy/model_scope.h"
#include "core/policy/plans.h"
#include "core/policy/record.h"
#include "core/secrets/digest.h"
#include "core/tokens/request_facts.h"
#include "module/request/held_record.h"
#include "module/settings/configuration.h"
#include "store/flows/money_flows.h"

namespace api_key::module {

using cache::CacheResult;

enum class Progress : std::uint8_t { fresh, waiting, answered, decided };

// How its limits, or its money, decide on a request.
enum class LimitAnswer : std::uint8_t { none, passed, refused, unavailable };

// How a request presents its key.
enum class PresentedBy : std::uint8_t { key, session, sign_in };

struct RequestContext;
struct Session;
class StreamEditor;
class ModelList;
class ManageCall;

// What a request waits for; see waiting.h.
struct Waited {
    virtual void forget(RequestContext& context) = 0; // the client is gone

  protected:
    ~Waited() = default;
};

// The purse that a request's money was reserved from, and its hold at that time.
struct Reserved {
    std::size_t slot = 0;
    std::uint64_t hold = 0;
};

struct RequestContext {
    ngx_http_request_t* request = nullptr;
    Progress progress = Progress::fresh;
    Reason reason = Reason::none; // once decided, or while its refusal waits for the store
    PresentedBy presented_by = PresentedBy::key;
    std::uint64_t begin_ns = 0; // monotonic: start of its decision; 0: already measured
    CacheResult cache = CacheResult::none;
    std::uint16_t status = 0; // of a refusal

    unsigned credentials = 0;
    const KeyType* type = nullptr; // by its prefix; null when malformed
    Digest digest{};               // of the credential, when it is needed

    bool credential_read = false;
    bool address_blocked = false;
    bool attempt_counted = false;    // the wrong key was reported to the store
    bool first_use_reported = false; // the first use of a good key was reported …
    bool use_report_failed = false;  // … but the report failed
    bool refusal_reported = false;   // the first refusal of a key was reported to the store, or need not be

    Session* session = nullptr; // of its cookie; null: it has none

    StoreAnswer store = StoreAnswer::not_asked;
    bool has_record = false; // `record` is one
    const RecordView* record = &no_record;
    HeldRecord* held = nullptr;     // what its connection remembers, which may be what `record` is in
    std::uint64_t confirmed_ms = 0; // monotonic: when the record was last known to be current
    std::uint64_t fetched_ms = 0;   // monotonic: when the store was asked …
    std::int64_t store_now_ms = 0;  // … and its clock then

    Waited* waits_for = nullptr;
    ngx_event_t* resume = nullptr;     // the end of that wait
    ManageCall* manage_call = nullptr; // set for a request to the management API

    // The model that it asks for; see model.h.
    bool body_read = false;
    bool model_known = false;
    bool usage_unasked = false;   // a stream that would not report its usage …
    bool usage_asked_for = false; // … and was made to

    // Its limits, if nothing else refuses its key.
    bool has_limits = false;
    LimitAnswer limit_answer = LimitAnswer::none;
    bool is_of_reserve = false;     // it was charged before an outage, see outage_reserve.h
    std::uint16_t record_reads = 0; // repeated because the key had changed
    const Plan* plan = nullptr;
    std::uint64_t generation = 0; // of the zone when the store was asked
    std::uint64_t limits_fingerprint = 0;
    cache::Allowances::Charge taken;       // what the request was charged to
    std::optional<cache::Refusal> refusal; // set when refused

    // Its money; see cost.h and money.h.
    bool ended = false;
    bool is_reserved = false;
    std::int32_t first_byte_ms = -1; // after the request began; -1: nothing was answered
    bool answer_ended = false;       // it is complete, not cut off
    LimitAnswer money_answer = LimitAnswer::none;
    const LocationConfiguration* charging = nullptr; // the location that decided its cost; null: none is charged
    const ModelPrice* price = nullptr;
    const RequestFacts* asked = nullptr;          // read from the body; null: there is none, or it was not needed
    const PriceList* price_list = nullptr;        // of the service tier that was asked for
    std::int64_t multiplier_millionths = 0;       // of the plan, and of the options that were asked for
    std::int64_t reserved_fees_micro_credits = 0; // of tools, included in the reserve
    std::int64_t reserve_micro_credits = 0;
    std::optional<std::int64_t> cost_micro_credits; // once settled
    Reserved reserved;
    store::MoneyState shortage; // when refused

    ngx_str_t model{};
    ngx_str_t problem{};         // why the model cannot be read with certainty
    UsageMeter* meter = nullptr; // of the answer
    StreamEditor* editor = nullptr;
    ModelList* model_list = nullptr; // the answer, while it is withheld to be filtered

    cache::Cell* cell = nullptr; // where the cache holds it

    // The store's clock at `now_ms` (monotonic).
    std::int64_t store_clock_ms(std::uint64_t now_ms) const { return store_now_ms + static_cast<std::int64_t>(now_ms - fetched_ms); }

    ModelScope model_scope() const { return {record->models, plan != nullptr ? &plan->models : nullptr}; }
    api_key::Limits limits() const { return limits_of(record->quotas(), plan != nullptr ? plan->rates : Rates{}); }

    // Room for a packed record in the request's pool. Empty when memory is short.
    std::span<std::byte> room(std::size_t size) const;
    bool take(std::span<const std::byte> packed_record); // unpacks; false when it is not a record, or memory is short
    void take(HeldRecord& its_record);                   // reads it in place
    void hold(HeldRecord& its_record);                   // it is not replaced before let_go()

    void let_go();

    // Drops the record, because its key changed while the request waited; it is read again. False when that has happened too often: the key
    // changes faster than it can be read.
    bool forget_record();
};

// Nobody is to resume the request.
void stop_waiting(RequestContext& context);

// The context of the request, in a subrequest that of its main request, or null. It is found after an internal redirect too: nginx clears
// the slot, but the pool's cleanup still has it.
RequestContext* find_context(ngx_http_request_t* r);

// The same, created if there is none; for main requests only. Null when memory is short.
RequestContext* get_context(ngx_http_request_t* r);

// The slot tells the filters that this run of the phases decided: a redirect clears it.
inline RequestContext* deciding_context(ngx_http_request_t* r) {
    return static_cast<RequestContext*>(ngx_http_get_module_ctx(r, ngx_http_api_key_module));
}

} // namespace api_key::module
