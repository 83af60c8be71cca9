// The alert of `api_key_alert` to an operator, as JSON, and its signature.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace api_key {

// {"id":"…","type":"key.quota","at":"…","text":"…","account":1,"accountName":"acme","keyId":7,"keyName":"shop","window":"daily",
// "threshold":80,"used":80,"limit":100,"url":"…"}; for money `used` and `limit` are credits. `fields` as the store has them: type, at,
// account, key, window, threshold, used, limit, expires; accountName and keyName where they are known. `dashboard` is its address; empty:
// there is no `url`.
std::string write_alert(const std::string& id, const std::map<std::string, std::string>& fields, const std::string& dashboard);

// `t=<unix seconds>,v1=<hex of HMAC-SHA-256(secret, "<unix seconds>.<body>")>`; empty when OpenSSL failed.
std::string alert_signature(std::string_view secret, std::int64_t now_s, std::string_view body);

} // namespace api_key
