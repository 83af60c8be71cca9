use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our $key = create_key(account => $account);
our %key = create_other_keys(account => $account);
our $manager = create_key(account => $account, type => 'billing');
our %manager = create_other_keys(account => $account, type => 'billing');
our ($used, $used_id) = create_key(account => $account);
our ($clean, $clean_id) = create_key(account => $account);
our ($refused, $refused_id) = create_key(account => $account);

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    include $TEST_NGINX_PROFILES/rolling-quotas.conf;
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /api/ { api_key billing; api_key_manage; }
_EOC_
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a key as Bearer opens, and the upstream does not see it
--- request
GET /v1/echo
--- more_headers eval
"Authorization: Bearer $::key"
--- response_body_like: "url":"/v1/echo"
--- response_body_unlike: (?i)authorization



=== TEST 2: only the Bearer header counts
--- request eval
["GET /v1/echo", "GET /v1/echo?key=ms-short"]
--- more_headers eval
["x-api-key: $::key", ""]
--- error_code eval
[401, 401]
--- response_body eval
[('{"error":"Missing API Key"}') x 2]



=== TEST 3: every refusal of a key is 401 with its message
--- request eval
[("GET /v1/echo") x 5]
--- more_headers eval
[map { "Authorization: Bearer $_" } $::key{inactive}, $::key{expired}, $::key{deleted}, "ms-0000000000000000000000000000000014VMmE", "ms-short"]
--- error_code eval
[(401) x 5]
--- response_headers eval
[("WWW-Authenticate: Bearer realm=\"api\", error=\"invalid_token\"\nX-Should-Retry: false\nContent-Type: application/json") x 5]
--- response_body eval
['{"error":"Inactive API Key"}', '{"error":"Expired API Key"}', ('{"error":"Invalid API Key"}') x 3]



=== TEST 4: for the keys that manage too
--- request eval
[("GET /api/keys") x 3]
--- more_headers eval
[map { "Authorization: Bearer $_" } @::manager{qw(inactive expired deleted)}]
--- error_code eval
[(401) x 3]
--- response_body eval
['{"error":"Inactive API Key"}', '{"error":"Expired API Key"}', '{"error":"Invalid API Key"}']



=== TEST 5: the body is {"error": "…"}, whatever the server around says
--- config
    api_key_error_format openai;
    location /v1/ { include $TEST_NGINX_PROFILES/rolling-quotas.conf; api_key proxy; empty_gif; }
    location /other/ { api_key proxy; empty_gif; }
--- request eval
["GET /v1/x", "GET /other/x"]
--- more_headers eval
[("Authorization: Bearer $::key{expired}") x 2]
--- error_code eval
[401, 401]
--- response_body_like eval
['^\{"error":"Expired API Key"\}$', '^\{"error":\{"message":"Expired API Key"']



=== TEST 6: a key that was used is not deleted: 409, and nothing has changed
--- request eval
["GET /v1/echo", "DELETE /api/keys/$::used_id", "GET /v1/echo", "GET /api/keys/$::used_id"]
--- more_headers eval
["Authorization: Bearer $::used", "Authorization: Bearer $::manager", "Authorization: Bearer $::used", "Authorization: Bearer $::manager"]
--- error_code eval
[200, 409, 200, 200]
--- response_body_like eval
['"url":"/v1/echo"', '^\{"error":"A key that was used cannot be deleted: deactivate it instead"\}$', '"url":"/v1/echo"', '"active":true']



=== TEST 7: a key that no request has shown is; one whose only request was refused has a history
--- request eval
["DELETE /api/keys/$::clean_id", "GET /v1/echo", "PUT /api/keys/$::refused_id\n{\"active\":false}", "GET /v1/echo", "DELETE /api/keys/$::refused_id", "GET /v1/echo"]
--- more_headers eval
["Authorization: Bearer $::manager", "Authorization: Bearer $::clean", "Authorization: Bearer $::manager", "Authorization: Bearer $::refused", "Authorization: Bearer $::manager",
 "Authorization: Bearer $::refused"]
--- error_code eval
[204, 401, 200, 401, 409, 401]
--- response_body_like eval
['^$', '^\{"error":"Invalid API Key"\}$', '"active":false', '^\{"error":"Inactive API Key"\}$', 'used', '^\{"error":"Inactive API Key"\}$']



=== TEST 8: rotate: give it limits, clone it with a new alias
--- request eval
["PUT /api/keys/$::used_id\n{\"category\":\"prod\",\"quotas\":{\"total\":1000,\"daily\":10}}", "POST /api/keys/$::used_id/clone\n{\"alias\":\"second\"}"]
--- more_headers eval
[("Authorization: Bearer $::manager") x 2]
--- error_code eval
[200, 201]
--- remember: clone
--- response_body_like eval
['"quotas":\{"total":1000,"daily":10\}', '^\{"id":\d+,"key":"ms-[0-9A-Za-z]{38}"\}$']



=== TEST 9: the clone has category and limits, both work, deactivate the old one
--- request eval
["GET /api/keys/{clone.id}", "GET /v1/echo", "GET /v1/echo", "PATCH /api/keys/$::used_id\n{\"active\":false}", "GET /v1/echo", "GET /v1/echo"]
--- more_headers eval
["Authorization: Bearer $::manager", "Authorization: Bearer $::used", "Authorization: Bearer {clone.key}", "Authorization: Bearer $::manager",
 "Authorization: Bearer $::used", "Authorization: Bearer {clone.key}"]
--- error_code eval
[200, 200, 200, 200, 401, 200]
--- response_body_like eval
['"alias":"second","category":"prod".*"quotas":\{"total":1000,"daily":10\}', '"url":', '"url":', '"active":false', '^\{"error":"Inactive API Key"\}$', '"url":']



=== TEST 10: an alias that is taken: 409
--- request
POST /api/keys/{clone.id}/clone
{"alias":"second"}
--- more_headers eval
"Authorization: Bearer $::manager"
--- error_code: 409
--- response_body chomp
{"error":"alias: another key of this account has it"}
