use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our $key = create_key(account => $account);

our $asks = "Origin: https://app.example.com\nAccess-Control-Request-Method: POST\nAccess-Control-Request-Headers: authorization";
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location /v1/ { api_key proxy; api_key_preflight on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/upstream/; }
    location /off/ { api_key proxy; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/upstream/; }
    location /upstream/ { add_header Access-Control-Allow-Origin *; add_header Seen "$http_authorization"; return 204; }
_EOC_
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a preflight reaches the upstream without a key
--- request
OPTIONS /v1/x
--- more_headers eval
$::asks
--- error_code: 204
--- response_headers
Access-Control-Allow-Origin: *



=== TEST 2: not where the directive is off
--- request
OPTIONS /off/x
--- more_headers eval
$::asks
--- error_code: 401



=== TEST 3: what is no preflight needs a key: other methods, OPTIONS without the two headers, with a body
--- request eval
["GET /v1/x", "OPTIONS /v1/x", "OPTIONS /v1/x", "OPTIONS /v1/x\nbody"]
--- more_headers eval
[$::asks, "Origin: https://app.example.com", "Access-Control-Request-Method: POST", $::asks]
--- error_code eval
[401, 401, 401, 401]



=== TEST 4: one with a key is decided like any request
--- request eval
["OPTIONS /v1/x", "OPTIONS /v1/x"]
--- more_headers eval
["$::asks\nAuthorization: Bearer ms-wrong", "$::asks\nAuthorization: Bearer $::key"]
--- error_code eval
[401, 204]



=== TEST 5: the answer to the request itself needs a key as ever, and says so to the page
--- config
    location /v1/ { api_key proxy; api_key_preflight on; add_header Access-Control-Allow-Origin * always; empty_gif; }
--- request
POST /v1/x
--- more_headers
Origin: https://app.example.com
--- error_code: 401
--- response_headers
Access-Control-Allow-Origin: *



=== TEST 6: under satisfy any too; nothing of it is on record
--- config
    location /v1/ { satisfy any; deny all; api_key proxy; api_key_preflight on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/upstream/; }
    location /upstream/ { return 204; }
    location = /metrics { api_key_metrics; }
--- request eval
["OPTIONS /v1/x", "GET /metrics"]
--- more_headers eval
$::asks
--- error_code eval
[204, 200]
--- response_body_like eval
["", 'api_key_requests_total\{result="ok"\} 0\n']



=== TEST 7: the management API is not opened
--- config
    api_key_preflight on;
    location /api/ { api_key billing; api_key_manage; }
--- request
OPTIONS /api/keys
--- more_headers eval
$::asks
--- error_code: 401



=== TEST 8: a blocked address stays blocked
--- http_config
    api_key_block failed=1 window=1m for=1m;
--- config
    location /gif/ { api_key proxy; api_key_preflight on; empty_gif; }
--- request eval
["GET /gif/x", "OPTIONS /gif/x"]
--- more_headers eval
["Authorization: Bearer ms-wrong", $::asks]
--- error_code eval
[401, 403]
