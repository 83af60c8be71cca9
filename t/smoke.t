use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our $key = create_key(account => $account);
our $manager = create_key(account => $account, type => 'billing');

run_tests();

__DATA__

=== TEST 1: a key opens its location and does not reach the upstream
--- config
    location /v1/ {
        api_key proxy;
        proxy_pass $TEST_NGINX_UPSTREAM;
    }
--- request
GET /v1/echo
--- more_headers eval
"Authorization: Bearer $::key"
--- response_body_like: "url":"/v1/echo"
--- response_body_unlike: (?i)authorization



=== TEST 2: without a key there is JSON
--- config
    location /v1/ {
        api_key proxy;
        proxy_pass $TEST_NGINX_UPSTREAM;
    }
--- request
GET /v1/echo
--- error_code: 401
--- response_headers
Content-Type: application/json
Cache-Control: no-store
--- response_body_like: ^\{"error":"Missing API Key"\}$



=== TEST 3: an unknown key is refused
--- config
    location /v1/ {
        api_key proxy;
        proxy_pass $TEST_NGINX_UPSTREAM;
    }
--- request
GET /v1/echo
--- more_headers
Authorization: Bearer ms-0000000000
--- error_code: 401
--- response_headers_like
WWW-Authenticate: Bearer .*error="invalid_token".*
--- response_body_like: ^\{"error":"Invalid API Key"\}$



=== TEST 4: the other kind of key does not open it
--- config
    location /v1/ {
        api_key proxy;
        proxy_pass $TEST_NGINX_UPSTREAM;
    }
--- request
GET /v1/echo
--- more_headers eval
"Authorization: Bearer $::manager"
--- error_code: 403
--- response_body_like: ^\{"error":"This kind of API key cannot be used here"\}$



=== TEST 5: a billing key manages
--- config
    location /api/ {
        api_key billing;
        api_key_manage;
    }
--- request
GET /api/keys
--- more_headers eval
"Authorization: Bearer $::manager"
--- response_body_like: ^\{"keys":\[\{.*"name":"test"
