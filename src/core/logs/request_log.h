// An entry of the request log, as JSON and as CSV.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/logs/key_label.h"
#include "core/text/json.h"

namespace api_key {

struct RequestLogEntry {
    std::uint64_t account = 0;
    std::uint64_t key_id = 0;
    std::string key_name;  // and alias: as they are when the log is read
    std::string key_alias; // empty: none, or the key is no longer known
    std::string key_type;
    std::int64_t at_ms = 0; // unix, when it began
    std::string method;
    std::string path; // without the query
    std::uint16_t status = 0;
    std::optional<std::int64_t> first_byte_ms;
    std::string address;
    std::optional<std::int64_t> cost_micro_credits;
    std::string model;
    std::optional<std::int64_t> input_tokens;
    std::optional<std::int64_t> output_tokens;
    std::string request_id;
    std::string result; // `ok` or the reason
    bool operator==(const RequestLogEntry&) const = default;
};

struct RequestLogFilter {
    std::optional<std::uint64_t> key_id;
    KeyLabelFilter label;
    std::string request_id;        // empty: any
    std::string method;            // empty: any
    std::string path_prefix;       // empty: any
    std::string model;             // empty: any
    std::string result;            // empty: any
    std::uint16_t status_from = 0; // 0: any
    std::uint16_t status_to = 0;   // included
    std::int64_t from_ms = 0;      // unix
    std::int64_t until_ms = 0;     // not included; 0: no end

    bool matches(const RequestLogEntry& entry) const; // except for the label
};

// The position where a page of the request log ends: an entry of the stream, and a request in it. `1800000000000-0-17`
struct LogCursor {
    std::string entry; // empty: the newest
    std::size_t index = 0;

    static std::optional<LogCursor> parse(std::string_view text);
    std::string text() const { return entry + "-" + std::to_string(index); }
};

// `404`, or a class: `4xx`. False when it is neither.
bool read_status_filter(std::string_view text, RequestLogFilter& filter);

// {"at":"…","keyId":7,"keyName":"…","keyAlias":"…","method":"POST","path":"/v1/…","status":200,"result":"ok","firstByteMs":12,"address":"…","credits":"…","model":"…",
// "inputTokens":1,"outputTokens":2,"requestId":"…"}; unknown members are left out.
Json request_object(const RequestLogEntry& entry);

// The header line and a line of RFC 4180. A value that a spreadsheet would take for a formula is prefixed with an apostrophe.
inline constexpr std::string_view csv_names =
    "at,keyId,keyName,keyAlias,method,path,status,result,firstByteMs,address,credits,model,inputTokens,outputTokens,requestId\r\n";
std::string request_csv(const RequestLogEntry& entry);

} // namespace api_key
