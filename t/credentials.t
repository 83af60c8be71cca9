use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our $key = create_key(account => $account);
our $encoded = join '', map { sprintf '%%%02x', ord } split //, $key;

run_tests();

__DATA__

=== TEST 1: Bearer in any case, with several spaces
--- config
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request
GET /v1/echo
--- more_headers eval
"Authorization: bEaReR    $::key"
--- error_code: 200
--- response_body_unlike: (?i)authorization



=== TEST 2: a query argument, percent-encoded by name and value; the others pass byte for byte
--- config
    location /v1/ { api_key proxy; api_key_from query=key; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
"GET /v1/echo?a=%20b+c&%6bey=$::encoded&d"
--- error_code: 200
--- response_body_like: "url":"/v1/echo\?a=%20b\+c&d"



=== TEST 3: a header, and nothing of it goes upstream
--- config
    location /v1/ { api_key proxy; api_key_from bearer header=X-Api-Key; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request
GET /v1/echo
--- more_headers eval
"X-API-KEY: $::key\nX-Other: stays"
--- error_code: 200
--- response_body_like: "x-other":"stays"
--- response_body_unlike: (?i)x-api-key



=== TEST 4: two credentials are one too many, wherever they stand
--- config
    location /v1/ { api_key proxy; api_key_from bearer header=x-api-key query=key; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
["GET /v1/echo?key=$::key", "GET /v1/echo?key=$::key&key=$::key", "GET /v1/echo", "GET /v1/echo", "GET /v1/echo"]
--- more_headers eval
["Authorization: Bearer $::key", "", "x-api-key: $::key\nx-api-key: $::key", "x-api-key: $::key\nAuthorization: Bearer $::key",
 "Authorization: Bearer $::key\nAuthorization: Bearer $::key"]
--- error_code eval
[400, 400, 400, 400, 400]
--- response_body eval
[('{"error":"More than one API key was sent"}') x 5]



=== TEST 5: empty ones and other schemes are none
--- config
    location /v1/ { api_key proxy; api_key_from bearer header=x-api-key query=key; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
["GET /v1/echo?key=", "GET /v1/echo?key", "GET /v1/echo", "GET /v1/echo", "GET /v1/echo?Key=x"]
--- more_headers eval
["", "", "Authorization: Bearer", "Authorization: Basic YTpi", "x-api-key:"]
--- error_code eval
[401, 401, 401, 401, 401]
--- response_body eval
[('{"error":"Missing API Key"}') x 5]



=== TEST 6: api_key_forward passes it on
--- config
    location /v1/ { api_key proxy; api_key_forward on; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request
GET /v1/echo
--- more_headers eval
"Authorization: Bearer $::key"
--- response_body_like eval
qr/"authorization":"Bearer $::key"/



=== TEST 7: a place without keys leaves everything as it is
--- config
    location = /echo { proxy_pass $TEST_NGINX_UPSTREAM; }
    location /v1/ { api_key proxy; api_key_from query=key; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request
GET /echo?key=mine&b=1
--- more_headers
Authorization: Bearer other
--- response_body_like: "url":"/echo\?key=mine&b=1".*"authorization":"Bearer other"



=== TEST 8: what is malformed is refused, without the store
--- config
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
["GET /v1/echo", "GET /v1/echo", "GET /v1/echo", "GET /v1/echo"]
--- more_headers eval
["Authorization: Bearer ${\substr($::key, 0, -1)}", "Authorization: Bearer ${\$::key}x", "Authorization: Bearer ms-", "Authorization: Bearer " . ("a" x 5000)]
--- error_code eval
[401, 401, 401, 401]
--- response_body eval
[('{"error":"Invalid API Key"}') x 4]
