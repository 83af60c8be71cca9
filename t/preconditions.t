use lib 't/lib';
use ApiKeyTest 'no_plan';

# The management API knows no versions of what it manages: a change that was done is answered as such, whatever If-Match and the like say.

our $account = create_account();
our $manager = create_key(account => $account, type => 'billing');
our ($key, $id) = create_key(account => $account);

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location /api/ { api_key billing; api_key_manage; }
_EOC_
    $block->set_value('more_headers', "Authorization: Bearer $::manager\nContent-Type: application/json\n" . $block->condition) if defined $block->condition;
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: If-Match
--- condition: If-Match: "a-version"
--- request eval
["POST /api/keys/$::id/rotate\n{}", "PATCH /api/keys/$::id\n{\"name\":\"one\"}", "GET /api/keys/$::id", "GET /api/me"]
--- error_code eval
[200, 200, 200, 200]
--- response_body_like eval
[qr/"key":"ms-/, qr/"name":"one"/, qr/"name":"one"/, qr/"type":"billing"/]



=== TEST 2: If-Unmodified-Since
--- condition: If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT
--- request eval
["POST /api/keys/$::id/rotate\n{}", "PATCH /api/keys/$::id\n{\"name\":\"two\"}", "GET /api/keys/$::id"]
--- error_code eval
[200, 200, 200]
--- response_body_like eval
[qr/"key":"ms-/, qr/"name":"two"/, qr/"name":"two"/]



=== TEST 3: If-None-Match and If-Modified-Since
--- condition eval
qq{If-None-Match: *\nIf-Modified-Since: Mon, 01 Jan 2035 00:00:00 GMT}
--- request eval
["POST /api/keys/$::id/rotate\n{}", "PATCH /api/keys/$::id\n{\"name\":\"three\"}", "GET /api/keys/$::id", "GET /api/openapi.json"]
--- error_code eval
[200, 200, 200, 200]
--- response_body_like eval
[qr/"key":"ms-/, qr/"name":"three"/, qr/"name":"three"/, qr/"openapi"/]



=== TEST 4: no part of an answer either
--- condition: Range: bytes=0-3
--- request eval
"GET /api/keys/$::id"
--- error_code: 200
--- response_body_like: "name":"three"
