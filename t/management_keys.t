use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our $manager = create_key(account => $account, type => 'billing');
our $other = create_key(account => create_account(), type => 'billing');
our ($key, $id) = create_key(account => $account);
our ($clean, $clean_id) = create_key(account => $account);
our ($refused, $refused_id) = create_key(account => $account);
apikeyctl('key', 'disable', $refused_id);

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location /v1/ { api_key proxy; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }
_EOC_
    $block->set_value('more_headers', "Authorization: Bearer $::manager") if !defined $block->more_headers;
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: create, with all fields in either spelling
--- request
POST /api/keys
{"name":"Production","alias":"prod","category":"production","expiresAt":"2099-12-31T00:00:00+02:00","quotas":{"daily":5,"total":100},"monthly_limit":"12.5","allowedIps":["10.0.0.0/8"],"models":["gpt-4o*"]}
--- error_code: 201
--- response_headers_like
Location: /api/keys/\d+
Cache-Control: no-store
--- response_body_like: ^\{"id":\d+,"key":"ms-[0-9A-Za-z]{38}"\}$



=== TEST 2: the list has it, newest first, without a secret
--- request
GET /api/keys?limit=1
--- response_body_like: ^\{"keys":\[\{"id":\d+,"name":"Production","alias":"prod","category":"production","type":"proxy","prefix":"ms-.{5}","active":true,"createdAt":"[^"]+Z","expiresAt":"2099-12-30T22:00:00Z","models":\["gpt-4o\*"\],"quotas":\{"total":100,"daily":5\},"monthlyLimit":"12.500000","allowedIps":\["10.0.0.0/8"\]\}\],"next":"\d+"\}$



=== TEST 3: only the named fields change, null clears
--- request eval
["PATCH /api/keys/$::id\n{\"quotas\":{\"daily\":7},\"category\":\"x\"}", "PUT /api/keys/$::id\n{\"quotas\":{\"weekly\":8}}", "PUT /api/keys/$::id\n{\"quotas\":null,\"category\":null}"]
--- response_body_like eval
['"category":"x".*"quotas":\{"daily":7\}', '"category":"x".*"quotas":\{"daily":7,"weekly":8\}', '"quotas":\{\}']



=== TEST 4: deactivated, refused at once; active again
--- request eval
["PUT /api/keys/$::id\n{\"active\":false}", "GET /v1/x", "PUT /api/keys/$::id\n{\"active\":true}", "GET /v1/x"]
--- more_headers eval
["Authorization: Bearer $::manager", "Authorization: Bearer $::key", "Authorization: Bearer $::manager", "Authorization: Bearer $::key"]
--- error_code eval
[200, 403, 200, 200]



=== TEST 5: bad documents: 400 naming the field
--- request eval
[map { "POST /api/keys\n$_" } '{}', '{"name":""}', '{"name":"x","name":"y"}', '{"name":"x","nope":1}', '{"name":"x","quotas":{"daily":0}}',
 '{"name":"x","expires_at":"2020-01-01T00:00:00Z"}', '{"name":"x","monthly_limit":-1}', '{"name":"x","allowed_ips":["10.0.0.1/8"]}']
--- error_code eval
[(400) x 8]
--- response_body_like eval
['"name: is required"', '"name: ', '"name: named twice"', '"nope: unknown field"', '"quotas.daily: ', '"expires_at: ', '"monthly_limit: ', '"allowed_ips\[0\]: ']



=== TEST 6: an alias is unique in an account
--- request
POST /api/keys
{"name":"x","alias":"prod"}
--- error_code: 409



=== TEST 7: another account's id answers like an unknown one
--- request eval
["GET /api/keys/$::id", "PUT /api/keys/$::id\n{\"name\":\"mine\"}", "DELETE /api/keys/$::id", "POST /api/keys/$::id/rotate\n", "GET /api/keys/999999"]
--- more_headers eval
[("Authorization: Bearer $::other") x 5]
--- error_code eval
[404, 404, 404, 404, 404]
--- response_body eval
[('{"error":"API key not found"}') x 5]



=== TEST 8: unknown routes and methods
--- request eval
["GET /api/keys/x", "GET /api/keys/01", "GET /api/nothing", "DELETE /api/keys", "GET /api/keys/$::id/rotate", "GET /api/keys/99999999999999999999999"]
--- error_code eval
[404, 404, 404, 405, 405, 404]



=== TEST 9: rotate: the old secret is refused at once
--- request eval
["POST /api/keys/$::id/rotate\n", "GET /v1/x"]
--- more_headers eval
["Authorization: Bearer $::manager", "Authorization: Bearer $::key"]
--- error_code eval
[200, 401]
--- response_body_like eval
[qr/^\{"id":$::id,"key":"ms-[0-9A-Za-z]{38}"\}$/, qr/Invalid API Key/]



=== TEST 10: clone needs an alias
--- request eval
["POST /api/keys/$::id/clone\n{}", "POST /api/keys/$::id/clone\n{\"alias\":\"twin\"}"]
--- error_code eval
[400, 201]



=== TEST 11: delete only what was never used
--- config
    location /api/ { api_key billing; api_key_manage; api_key_delete unused; }
--- request eval
["DELETE /api/keys/$::id", "DELETE /api/keys/$::clean_id", "GET /api/keys/$::clean_id"]
--- error_code eval
[409, 204, 404]



=== TEST 12: a key whose requests were all refused has a history
--- config
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /api/ { api_key billing; api_key_manage; api_key_delete unused; }
--- request eval
["GET /v1/echo", "DELETE /api/keys/$::refused_id", "GET /api/keys/$::refused_id"]
--- more_headers eval
["Authorization: Bearer $::refused", ("Authorization: Bearer $::manager") x 2]
--- error_code eval
[403, 409, 200]
--- response_body_like eval
[qr/Inactive/, qr/used/, qr/^(?!.*lastUsedAt).*"active":false/]



=== TEST 13: the same Idempotency-Key: the same answer; another body: 422
--- request eval
["POST /api/keys\n{\"name\":\"once\"}", "POST /api/keys\n{\"name\":\"once\"}", "POST /api/keys\n{\"name\":\"twice\"}"]
--- more_headers eval
[("Authorization: Bearer $::manager\nIdempotency-Key: k1") x 3]
--- error_code eval
[201, 201, 422]



=== TEST 14: billing keys stand apart
--- request eval
["GET /api/keys?type=billing", "GET /api/billing-keys", "GET /api/keys/1", "GET /api/me"]
--- error_code eval
[400, 200, 404, 200]
