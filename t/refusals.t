use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our $key = create_key(account => $account);
our $manager = create_key(account => $account, type => 'billing');
our ($inactive, $inactive_id) = create_key(account => $account);
apikeyctl('key', 'disable', $inactive_id);
our ($deleted, $deleted_id) = create_key(account => $account);
apikeyctl('key', 'delete', $deleted_id);

run_tests();

__DATA__

=== TEST 1: a missing key: 401 with a bare challenge
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- request
GET /v1/x
--- error_code: 401
--- response_headers
Content-Type: application/json
Cache-Control: no-store
WWW-Authenticate: Bearer realm="api"
X-Should-Retry: false
--- response_headers_like
X-Request-Id: [0-9a-f]{32}
--- response_body chomp
{"error":"Missing API Key"}



=== TEST 2: unknown and deleted keys: 401 with error="invalid_token"
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- request
GET /v1/x
--- more_headers eval
"Authorization: Bearer $::deleted"
--- error_code: 401
--- response_headers
WWW-Authenticate: Bearer realm="api", error="invalid_token"
--- response_body chomp
{"error":"Invalid API Key"}



=== TEST 3: an inactive key: 403, not to be tried again
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- request
GET /v1/x
--- more_headers eval
"Authorization: Bearer $::inactive"
--- error_code: 403
--- response_headers
X-Should-Retry: false
WWW-Authenticate:
--- response_body chomp
{"error":"Inactive API Key"}



=== TEST 4: the types keep apart
--- config
    location /v1/ { api_key proxy; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }
--- request eval
["GET /v1/x", "GET /api/keys"]
--- more_headers eval
["Authorization: Bearer $::manager", "Authorization: Bearer $::key"]
--- error_code eval
[403, 403]
--- response_body eval
[('{"error":"This kind of API key cannot be used here"}') x 2]



=== TEST 5: the shapes of the body
--- config
    api_key proxy;
    location /openai { api_key_error_format openai; empty_gif; }
    location /anthropic { api_key_error_format anthropic; empty_gif; }
    location /gemini { api_key_error_format gemini; empty_gif; }
    location /problem { api_key_error_format problem; empty_gif; }
--- request eval
["GET /openai", "GET /anthropic", "GET /gemini", "GET /problem"]
--- error_code eval
[401, 401, 401, 401]
--- response_body_like eval
['^\{"error":\{"message":"Missing API Key","type":"invalid_request_error","param":null,"code":"missing_key"\}\}$',
 '^\{"type":"error","error":\{"type":"authentication_error","message":"Missing API Key"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":401,"message":"Missing API Key","status":"UNAUTHENTICATED"\}\}$',
 '^\{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Missing API Key","code":"missing_key","request_id":"[0-9a-f]{32}"\}$']



=== TEST 6: another status and message for a reason; the rest is inherited
--- config
    api_key proxy;
    api_key_error missing_key 418 "No \"key\", no tea";
    location /v1/ { api_key_error invalid_key 404; empty_gif; }
--- request eval
["GET /v1/x", "GET /v1/x"]
--- more_headers eval
["", "Authorization: Bearer nonsense"]
--- error_code eval
[418, 404]
--- response_body eval
['{"error":"No \"key\", no tea"}', '{"error":"Invalid API Key"}']



=== TEST 7: the rules of the rolling quotas' system
--- config
    include $TEST_NGINX_PROFILES/rolling-quotas.conf;
    location /v1/ { api_key proxy; empty_gif; }
--- request
GET /v1/x
--- more_headers eval
"Authorization: Bearer $::inactive"
--- error_code: 401
--- response_body chomp
{"error":"Inactive API Key"}
