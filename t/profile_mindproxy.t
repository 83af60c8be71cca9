use lib 't/lib';
use ApiKeyTest 'no_plan';

# One kind of key opens the APIs; what manages it has a prefix of its own.
our $account = create_account();
our @kind = (account => $account, type => 'key', prefix => 'sk-');
our ($key, $id) = create_key(@kind);
our %key = create_other_keys(@kind);
our $manager = create_key(account => $account, type => 'manager', prefix => 'mk-');
our ($used, $used_id) = create_key(@kind);
our $encoded = join '', map { sprintf '%%%02X', ord } split //, $key;

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', <<'_EOC_');
    api_key_zone zone=keys:2m;
    api_key_redis $TEST_NGINX_REDIS timeout=5s;
    api_key_pepper $TEST_NGINX_PEPPER;
    api_key_type key prefix=sk-;
    api_key_type manager prefix=mk- manages;
    include $TEST_NGINX_PROFILES/mindproxy.conf;
_EOC_
    $block->set_value('config', <<'_EOC_');
    location /v1/ { api_key key; api_key_error_format openai; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /v1/echo/messages { api_key key; api_key_error_format anthropic; api_key_from bearer header=x-api-key; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /v1beta/ { api_key key; api_key_error_format gemini; api_key_from bearer query=key; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /simple/ { api_key key; empty_gif; }
    location /api/ { api_key manager; api_key_manage; }
_EOC_
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: sk- as Bearer opens all three APIs
--- request eval
["GET /v1/echo", "GET /v1/echo/messages", "GET /v1beta/echo"]
--- more_headers eval
[("Authorization: Bearer $::key") x 3]
--- error_code eval
[(200) x 3]
--- response_body_unlike eval
[('(?i)authorization') x 3]



=== TEST 2: x-api-key opens the Claude routes alone, and does not reach the upstream
--- request eval
["GET /v1/echo/messages", "GET /v1/echo", "GET /v1beta/echo"]
--- more_headers eval
[("x-api-key: $::key") x 3]
--- error_code eval
[200, 401, 401]
--- response_body_like eval
['^(?!.*x-api-key).*"url":"/v1/echo/messages"', '"message":"Missing API Key"', '"message":"Missing API Key"']



=== TEST 3: ?key= opens the Gemini routes alone, percent-encoded too, and is taken out
--- request eval
["GET /v1beta/echo?key=$::key&alt=sse", "GET /v1beta/echo?alt=sse&key=$::encoded", "GET /v1/echo?key=sk-short", "GET /v1/echo/messages?key=sk-short"]
--- error_code eval
[200, 200, 401, 401]
--- response_body_like eval
[('"url":"/v1beta/echo\?alt=sse"') x 2, ('"message":"Missing API Key"') x 2]



=== TEST 4: two places at once are one too many
--- request eval
["GET /v1/echo/messages", "GET /v1beta/echo?key=$::key"]
--- more_headers eval
["Authorization: Bearer $::key\nx-api-key: $::key", "Authorization: Bearer $::key"]
--- error_code eval
[400, 400]
--- response_body_like eval
['^\{"type":"error","error":\{"type":"invalid_request_error","message":"More than one API key was sent"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":400,"message":"More than one API key was sent","status":"INVALID_ARGUMENT"\}\}$']



=== TEST 5: an inactive key is 403, in each API's own words
--- request eval
["GET /v1/echo", "GET /v1/echo/messages", "GET /v1beta/echo?key=$::key{inactive}", "GET /simple/x"]
--- more_headers eval
["Authorization: Bearer $::key{inactive}", "x-api-key: $::key{inactive}", "", "Authorization: Bearer $::key{inactive}"]
--- error_code eval
[(403) x 4]
--- response_body_like eval
['^\{"error":\{"message":"Inactive API Key","type":"invalid_request_error","param":null,"code":"inactive_key"\}\}$',
 '^\{"type":"error","error":\{"type":"permission_error","message":"Inactive API Key"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":403,"message":"Inactive API Key","status":"PERMISSION_DENIED"\}\}$',
 '^\{"error":"Inactive API Key"\}$']



=== TEST 6: an expired key is 401
--- request eval
["GET /v1/echo", "GET /v1/echo/messages", "GET /v1beta/echo?key=$::key{expired}", "GET /simple/x"]
--- more_headers eval
["Authorization: Bearer $::key{expired}", "x-api-key: $::key{expired}", "", "Authorization: Bearer $::key{expired}"]
--- error_code eval
[(401) x 4]
--- response_body_like eval
['^\{"error":\{"message":"Expired API Key","type":"invalid_request_error","param":null,"code":"expired_key"\}\}$',
 '^\{"type":"error","error":\{"type":"authentication_error","message":"Expired API Key"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":401,"message":"Expired API Key","status":"UNAUTHENTICATED"\}\}$',
 '^\{"error":"Expired API Key"\}$']



=== TEST 7: unknown, deleted and malformed keys are 401
--- request eval
["GET /simple/x", "GET /simple/x", "GET /simple/x", "GET /v1/echo", "GET /v1/echo/messages", "GET /v1beta/echo?key=sk-short"]
--- more_headers eval
["Authorization: Bearer $::key{deleted}", "Authorization: Bearer sk-short", "Authorization: Bearer ms-" . substr($::key, 3),
 "Authorization: Bearer $::key{deleted}", "x-api-key: $::key{deleted}", ""]
--- error_code eval
[(401) x 6]
--- response_body_like eval
[('^\{"error":"Invalid API Key"\}$') x 3,
 '^\{"error":\{"message":"Invalid API Key","type":"invalid_request_error","param":null,"code":"invalid_api_key"\}\}$',
 '^\{"type":"error","error":\{"type":"authentication_error","message":"Invalid API Key"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":401,"message":"Invalid API Key","status":"UNAUTHENTICATED"\}\}$']



=== TEST 8: rotate: a new secret on the same key
--- request eval
["GET /simple/x", "POST /api/keys/$::id/rotate\n"]
--- more_headers eval
["Authorization: Bearer $::key", "Authorization: Bearer $::manager"]
--- error_code eval
[200, 200]
--- remember: rotated
--- response_body_like eval
['^GIF', qr/^\{"id":$::id,"key":"sk-[0-9A-Za-z]{38}"\}$/]



=== TEST 9: the old one is refused at once, the new one opens, the id is the same
--- request eval
["GET /simple/x", "GET /simple/x", "GET /api/keys/{rotated.id}"]
--- more_headers eval
["Authorization: Bearer $::key", "Authorization: Bearer {rotated.key}", "Authorization: Bearer $::manager"]
--- error_code eval
[401, 200, 200]
--- response_body_like eval
['^\{"error":"Invalid API Key"\}$', '^GIF', qr/^\{"id":$::id,"name":"test",.*"active":true/]



=== TEST 10: a key that was used may be deleted; the next request gets 401
--- request eval
["GET /simple/x", "DELETE /api/keys/$::used_id", "GET /simple/x", "GET /api/keys/$::used_id"]
--- more_headers eval
["Authorization: Bearer $::used", "Authorization: Bearer $::manager", "Authorization: Bearer $::used", "Authorization: Bearer $::manager"]
--- error_code eval
[200, 204, 401, 404]
