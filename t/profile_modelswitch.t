use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our ($key, $id) = create_key(account => $account);
our %key = create_other_keys(account => $account);
our $manager = create_key(account => $account, type => 'billing');
our %manager = create_other_keys(account => $account, type => 'billing');
our ($used, $used_id) = create_key(account => $account);

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    include $TEST_NGINX_PROFILES/modelswitch.conf;
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /api/ { api_key billing; api_key_manage; }
_EOC_
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: ms- opens /v1/*, mk- opens /api/*
--- request eval
["GET /v1/echo", "GET /api/keys"]
--- more_headers eval
["Authorization: Bearer $::key", "Authorization: Bearer $::manager"]
--- error_code eval
[200, 200]
--- response_body_like eval
['"url":"/v1/echo"', '^\{"keys":\[\{']



=== TEST 2: and never the other way
--- request eval
["GET /v1/echo", "GET /api/keys", "POST /api/keys\n{\"name\":\"x\"}", "DELETE /api/keys/$::id", "POST /api/keys/$::id/rotate\n"]
--- more_headers eval
["Authorization: Bearer $::manager", ("Authorization: Bearer $::key") x 4]
--- error_code eval
[(403) x 5]
--- response_body eval
[('{"error":"This kind of API key cannot be used here"}') x 5]



=== TEST 3: what was refused has changed nothing
--- request
GET /v1/echo
--- more_headers eval
"Authorization: Bearer $::key"
--- error_code: 200



=== TEST 4: only the Bearer header counts
--- request eval
["GET /v1/echo", "GET /v1/echo", "GET /v1/echo?key=ms-short", "GET /v1/echo?api_key=ms-short", "GET /v1/echo"]
--- more_headers eval
["x-api-key: $::key", "x-goog-api-key: $::key", "", "", "Cookie: key=$::key"]
--- error_code eval
[(401) x 5]
--- response_body eval
[('{"error":"Missing API Key"}') x 5]



=== TEST 5: an inactive key, and an expired one: 403, on both sides
--- request eval
["GET /v1/echo", "GET /v1/echo", "GET /api/keys", "GET /api/keys"]
--- more_headers eval
[map { "Authorization: Bearer $_" } $::key{inactive}, $::key{expired}, $::manager{inactive}, $::manager{expired}]
--- error_code eval
[(403) x 4]
--- response_body eval
[('{"error":"Inactive API Key"}') x 4]



=== TEST 6: unknown, deleted and malformed keys: 401, on both sides
--- request eval
["GET /v1/echo", "GET /v1/echo", "GET /v1/echo", "GET /v1/echo", "GET /api/keys", "GET /api/keys"]
--- more_headers eval
[map { "Authorization: Bearer $_" } $::key{deleted}, "ms-0000000000000000000000000000000014VMmE", "ms-short", "sk-" . substr($::key, 3), $::manager{deleted}, "mk-short"]
--- error_code eval
[(401) x 6]
--- response_body eval
[('{"error":"Invalid API Key"}') x 6]



=== TEST 7: an expired key reads active: false, in the list too
--- request eval
["GET /api/keys?active=false", "GET /api/keys?active=true"]
--- more_headers eval
[("Authorization: Bearer $::manager") x 2]
--- response_body_like eval
['"active":false,"createdAt":"[^"]+","expiresAt":"2020-09-13T12:26:40Z"', '^(?!.*"active":false).*"active":true']



=== TEST 8: rotate: create another
--- request
POST /api/keys
{"name":"the next one"}
--- more_headers eval
"Authorization: Bearer $::manager"
--- error_code: 201
--- remember: next
--- response_body_like: ^\{"id":\d+,"key":"ms-[0-9A-Za-z]{38}"\}$



=== TEST 9: both work; delete the old one, although it was used; the next request gets 401, for good
--- request eval
["GET /v1/echo", "GET /v1/echo", "DELETE /api/keys/$::used_id", "GET /v1/echo", "GET /v1/echo", "GET /api/keys/$::used_id", "PUT /api/keys/$::used_id\n{\"active\":true}"]
--- more_headers eval
["Authorization: Bearer $::used", "Authorization: Bearer {next.key}", "Authorization: Bearer $::manager", "Authorization: Bearer $::used",
 "Authorization: Bearer {next.key}", "Authorization: Bearer $::manager", "Authorization: Bearer $::manager"]
--- error_code eval
[200, 200, 204, 401, 200, 404, 404]
--- response_body_like eval
['"url":"/v1/echo"', '"url":"/v1/echo"', '^$', '^\{"error":"Invalid API Key"\}$', '"url":"/v1/echo"', '^\{"error":"API key not found"\}$', '^\{"error":"API key not found"\}$']



=== TEST 10: the profile fits into a location, beside the neutral default
--- config
    location /v1/ { api_key proxy; include $TEST_NGINX_PROFILES/modelswitch.conf; empty_gif; }
    location /neutral { api_key proxy; empty_gif; }
--- request eval
["GET /v1/x", "GET /neutral", "GET /v1/x", "GET /neutral"]
--- more_headers eval
[map { "Authorization: Bearer $_" } $::key{expired}, $::key{expired}, $::key{inactive}, $::key{inactive}]
--- error_code eval
[403, 401, 403, 403]
--- response_body eval
['{"error":"Inactive API Key"}', '{"error":"Expired API Key"}', ('{"error":"Inactive API Key"}') x 2]



=== TEST 11: and into the http block
--- http_config
    include $TEST_NGINX_PROFILES/modelswitch.conf;
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- request
GET /v1/x
--- more_headers eval
"Authorization: Bearer $::key{expired}"
--- error_code: 403
--- response_body chomp
{"error":"Inactive API Key"}
