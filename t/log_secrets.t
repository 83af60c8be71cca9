use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our $key = create_key(account => $account);
our $encoded = join '', map { sprintf '%%%02X', ord } split //, $key;

# ApiKeyTest looks into both logs after every block: a key in one of them fails it.
add_block_preprocessor(sub {
    my $block = shift;
    my $log_format = <<'_EOC_';
    log_format all '$request|$request_uri|$args|$http_authorization|$http_x_api_key|$http_referer|$status|$api_key_result';
    access_log logs/access.log all;
_EOC_
    $block->set_value('http_config', $log_format . ($block->http_config // ''));
});
run_tests();

__DATA__

=== TEST 1: an admitted request: the arguments, the referrer and the headers
--- config
    location /v1/ { api_key proxy; api_key_from bearer header=x-api-key query=key; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
["GET /v1/echo?a=1&key=$::key", "GET /v1/echo?%6bey=$::encoded", "GET /v1/echo", "GET /v1/echo"]
--- more_headers eval
["Referer: http://x/?key=$::key", "", "Authorization: Bearer $::key", "X-Api-Key: $::key"]
--- error_code eval
[200, 200, 200, 200]



=== TEST 2: a refused request, and one that never reaches the access phase
--- config
    location /v1/ { api_key proxy; api_key_from bearer query=key; empty_gif; }
    location /early { api_key proxy; api_key_from bearer query=key; return 204; }
    location /open { empty_gif; }
--- request eval
["GET /v1/x?key=$::key&key=$::key", "GET /early?key=$::key", "GET /open?key=$::key", "GET /open"]
--- more_headers eval
["", "Authorization: Bearer $::key", "", "Authorization: Bearer $::key"]
--- error_code eval
[400, 204, 200, 200]



=== TEST 3: nginx's own complaints: two Authorization lines, a line too long, no Host
--- config
    location /v1/ { api_key proxy; api_key_from bearer query=key; empty_gif; }
--- raw_request eval
["GET /v1/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer $::key\r\nAuthorization: Bearer $::key\r\nConnection: close\r\n\r\n",
 "GET /v1/x?key=$::key&" . ("a" x 20000) . " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
 "GET /v1/x?key=$::key HTTP/1.1\r\nConnection: close\r\n\r\n"]
--- error_code eval
[400, 414, 400]



=== TEST 4: an upstream that is down, with the key passed on
--- config
    location /v1/ { api_key proxy; api_key_forward on; api_key_from query=key; proxy_pass http://127.0.0.1:1; }
--- request eval
"GET /v1/x?key=$::key"
--- error_code: 502
--- error_log
Connection refused
