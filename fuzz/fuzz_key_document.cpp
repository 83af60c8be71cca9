// Any bytes as the body of a management call: read, or refused with words that are JSON again.
#include <cstdint>
#include <string>

#include "check.h"
#include "core/documents/answer.h"
#include "core/documents/key_document.h"
#include "core/documents/key_writer.h"
#include "core/policy/cidr.h"
#include "core/text/json.h"
#include "core/text/money.h"
#include "core/text/utf8.h"

namespace {

using namespace api_key;

constexpr std::int64_t now_ms = 1'705'312'800'000;

Json parsed(const std::string& text) {
    return Json(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, nullptr));
}

void check_error(const Error& error) {
    MUST_HOLD(!error.message.empty());
    Answer answer;
    answer.status = 400;
    answer.message = error.message;
    answer.param = error.field;
    for (const ErrorFormat format : {ErrorFormat::simple, ErrorFormat::openai, ErrorFormat::problem}) {
        MUST_HOLD(parsed(render(format, answer)) != nullptr);
    }
}

void check_text(const std::optional<std::string>& text, std::size_t longest) {
    MUST_HOLD(!text || (text->size() <= longest && is_plain_text(*text)));
}

void check_limit(const std::optional<std::optional<std::int64_t>>& limit, std::int64_t least, std::int64_t most) {
    MUST_HOLD(!limit || !*limit || (**limit >= least && **limit <= most));
}

void check_change(const KeyChange& change) {
    check_text(change.name, 255);
    MUST_HOLD(!change.name || !change.name->empty());
    check_text(change.alias, 255);
    check_text(change.category, 64);
    MUST_HOLD(!change.expires_ms || *change.expires_ms == 0 || *change.expires_ms > now_ms);
    for (const auto& limit : {change.total, change.daily, change.weekly, change.monthly}) {
        check_limit(limit, 1, (std::int64_t{1} << 53U) - 1);
    }
    check_limit(change.monthly_limit_micro_credits, 0, money_max_micro);
    if (change.models) {
        MUST_HOLD(change.models->size() <= 100);
        for (const std::string& model : *change.models) {
            MUST_HOLD(!model.empty() && model.size() <= 200 && is_plain_text(model) && model.find_first_of(" \n") == std::string::npos);
        }
    }
    if (change.allowed_ips) {
        MUST_HOLD(change.allowed_ips->size() <= 100);
        for (const std::string& block : *change.allowed_ips) {
            MUST_HOLD(parse_address_block(block).has_value() && is_plain_text(block));
        }
    }
}

// What was read can be stored and shown.
void check_written(const KeyChange& change) {
    KeyRecord before;
    before.id = 7;
    before.name = "before";
    const KeyRecord record = apply(before, change);
    MUST_HOLD(apply(record, change) == record);
    std::vector<std::byte> packed(packed_size(record));
    MUST_HOLD(pack(record, 0, packed) == packed.size() && unpack(packed).has_value());
    const Json key = parsed(write_key(record, now_ms));
    MUST_HOLD(json_is_object(key.get()));
    MUST_HOLD(text_of(json_object_get(key.get(), "name")) == record.name);
    MUST_HOLD(json_array_size(json_object_get(key.get(), "models")) == record.models.size());
    std::string list;
    for (const std::string& piece : write_list("keys", {write_key(record, now_ms), write_key(record, now_ms)}, record.name)) {
        list += piece;
    }
    MUST_HOLD(parsed(list) != nullptr);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view json(reinterpret_cast<const char*>(data), size);
    for (const DocumentKind kind : {DocumentKind::create, DocumentKind::update, DocumentKind::clone}) {
        const Result<KeyDocument> document = read_key_document(json, kind, now_ms);
        if (!document) {
            check_error(document.error());
            continue;
        }
        MUST_HOLD(kind != DocumentKind::create || document->change.name);
        MUST_HOLD(kind != DocumentKind::clone || document->change.alias);
        MUST_HOLD(kind == DocumentKind::create || !document->type);
        check_change(document->change);
        check_written(document->change);
    }
    const Result<std::int64_t> overlap = read_rotate_document(json);
    if (overlap) {
        MUST_HOLD(*overlap >= 0 && *overlap <= std::int64_t{30} * 24 * 3600);
    } else {
        check_error(overlap.error());
    }
    return 0;
}
