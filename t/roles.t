use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our ($owner, $owner_id) = create_key(account => $account, type => 'billing');
our ($second, $second_id) = create_key(account => $account, type => 'billing');
our ($key, $id) = create_key(account => $account);
our %of = map {
    my $made = apikeyctl('key', 'create', '--account', $account, '--type', 'billing', '--prefix', 'mk-', '--name', $_, '--role', $_);
    ($_ => $made->{key})
} qw(editor creator viewer billing_viewer);

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location /v1/ { api_key proxy; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }
_EOC_
    $block->set_value('more_headers', "Authorization: Bearer " . ($::of{$block->as // ''} // $::owner)) if !defined $block->more_headers;
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: an editor changes keys, and reads billing keys only
--- as: editor
--- request eval
["POST /api/keys\n{\"name\":\"a\"}", "PATCH /api/keys/$::id\n{\"category\":\"x\"}", "GET /api/billing-keys", "POST /api/billing-keys\n{\"name\":\"b\"}",
 "PATCH /api/billing-keys/$::second_id\n{\"active\":false}", "DELETE /api/billing-keys/$::second_id", "POST /api/billing-keys/$::second_id/rotate"]
--- error_code eval
[201, 200, 200, 403, 403, 403, 403]



=== TEST 2: a creator creates keys, and changes none
--- as: creator
--- request eval
["POST /api/keys\n{\"name\":\"a\"}", "POST /api/keys/$::id/clone\n{\"alias\":\"c\"}", "GET /api/keys/$::id", "GET /api/keys/$::id/usage",
 "PATCH /api/keys/$::id\n{\"category\":\"x\"}", "DELETE /api/keys/$::id", "POST /api/keys/$::id/rotate", "GET /api/logs", "GET /api/audit", "GET /api/balance", "GET /api/billing-keys"]
--- error_code eval
[201, 201, 200, 200, (403) x 7]



=== TEST 3: a viewer reads, and changes nothing
--- as: viewer
--- request eval
["GET /api/keys", "GET /api/billing-keys", "GET /api/logs", "GET /api/audit", "GET /api/balance", "GET /api/usage", "GET /api/subscription", "GET /api/me",
 "POST /api/keys\n{\"name\":\"a\"}", "PATCH /api/keys/$::id\n{\"active\":false}", "DELETE /api/keys/$::id", "POST /api/keys/$::id/clone\n{\"alias\":\"d\"}"]
--- error_code eval
[(200) x 8, (403) x 4]



=== TEST 4: a billing viewer reads what was spent
--- as: billing_viewer
--- request eval
["GET /api/balance", "GET /api/transactions", "GET /api/subscription", "GET /api/usage", "GET /api/me", "GET /api/keys", "GET /api/logs", "GET /api/audit", "GET /api/keys/$::id"]
--- error_code eval
[(200) x 5, (403) x 4]



=== TEST 5: the refusal says which role it is, and which are needed
--- as: viewer
--- request
DELETE /api/keys/1
--- error_code: 403
--- response_body chop
{"error":"The role of this billing key is viewer, this needs the role owner or editor"}



=== TEST 6: what was refused has changed nothing
--- request eval
"GET /api/keys/$::id"
--- response_body_like: "active":true



=== TEST 7: a key without a role is an owner; a role is given, shown, cloned and taken back
--- request eval
["GET /api/billing-keys/$::second_id", "PATCH /api/billing-keys/$::second_id\n{\"role\":\"viewer\"}", "PATCH /api/billing-keys/$::second_id\n{\"role\":null}",
 "POST /api/billing-keys\n{\"name\":\"c\",\"role\":\"creator\"}"]
--- response_body_like eval
['"allowedIps":\[\]\}$', '"role":"viewer"', '"allowedIps":\[\]\}$', '"key":"mk-']
--- error_code eval
[200, 200, 200, 201]



=== TEST 8: a narrower role holds at once, a wider one too
--- request eval
["PATCH /api/billing-keys/$::second_id\n{\"role\":\"viewer\"}", "POST /api/keys\n{\"name\":\"no\"}", "PATCH /api/billing-keys/$::second_id\n{\"role\":\"editor\"}", "POST /api/keys\n{\"name\":\"yes\"}"]
--- more_headers eval
[map { "Authorization: Bearer $_" } $::owner, $::second, $::owner, $::second]
--- error_code eval
[200, 403, 200, 201]



=== TEST 9: a session has the role of its billing key
--- config
    location /api/ { api_key billing; api_key_manage; }
--- request eval
qq{POST /api/session\n{"key":"$::of{viewer}"}}
--- more_headers
Content-Type: application/json
Origin: http://localhost
--- raw_response_headers_like eval
::session_cookie('viewer', 'Path=/api; HttpOnly; SameSite=Strict')
--- error_code: 201



=== TEST 10: … and changes nothing either
--- request eval
["GET /api/keys", "POST /api/keys\n{\"name\":\"no\"}"]
--- more_headers
Cookie: api_key_session={viewer.cookie}
Content-Type: application/json
Origin: http://localhost
--- error_code eval
[200, 403]



=== TEST 11: an owner stays one: its own role cannot be changed
--- request eval
["PATCH /api/billing-keys/$::owner_id\n{\"role\":\"editor\"}", "PATCH /api/billing-keys/$::owner_id\n{\"role\":\"owner\",\"name\":\"still\"}"]
--- error_code eval
[409, 200]
--- response_body_like eval
['role: a billing key cannot change its own role', '"role":"owner"']



=== TEST 12: a role that is none, and one of a key that manages nothing
--- request eval
["POST /api/billing-keys\n{\"name\":\"x\",\"role\":\"root\"}", "POST /api/billing-keys\n{\"name\":\"x\",\"role\":1}", "POST /api/keys\n{\"name\":\"x\",\"role\":\"viewer\"}",
 "PATCH /api/keys/$::id\n{\"role\":\"viewer\"}", "PATCH /api/keys/$::id\n{\"role\":null}"]
--- error_code eval
[400, 400, 400, 400, 200]
--- response_body_like eval
['"role: expected owner, editor, creator, viewer or billing_viewer, or null"', '"role: expected', '"role: only billing keys have one"', '"role: only billing keys have one"', '"name"']



=== TEST 13: the security log has it
--- request
GET /api/audit?action=key.update&limit=100
--- response_body_like: "role":"viewer"
