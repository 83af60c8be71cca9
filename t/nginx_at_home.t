use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our $key = create_key(account => $account);

run_tests();

__DATA__

=== TEST 1: satisfy any: an allowed address needs no key, and a wrong one does not hurt
--- config
    location /v1/ { satisfy any; allow 127.0.0.1; deny all; api_key proxy; empty_gif; }
--- request eval
["GET /v1/x", "GET /v1/x"]
--- more_headers eval
["", "Authorization: Bearer nonsense"]
--- error_code eval
[200, 200]



=== TEST 2: satisfy any: from elsewhere it takes a key
--- config
    location /v1/ { satisfy any; deny all; api_key proxy; empty_gif; }
--- request eval
["GET /v1/x", "GET /v1/x"]
--- more_headers eval
["", "Authorization: Bearer $::key"]
--- error_code eval
[401, 200]
--- response_body_like eval
['^{"error":"Missing API Key"}$', 'GIF']



=== TEST 3: satisfy all: deny comes first, and its answer is nginx's
--- config
    location /v1/ { deny all; api_key proxy; empty_gif; }
--- request
GET /v1/x
--- more_headers eval
"Authorization: Bearer $::key"
--- error_code: 403
--- response_body_like: <html>



=== TEST 4: error_page may put something else in place
--- config
    location /v1/ { api_key proxy; error_page 401 /login; empty_gif; }
    location = /login { return 200 "please sign in"; }
--- request
GET /v1/x
--- error_code: 401
--- response_body chomp
please sign in



=== TEST 5: error_page to a named location, with another status
--- config
    location /v1/ { api_key proxy; error_page 401 =403 @login; empty_gif; }
    location @login { return 403 "please sign in"; }
--- request
GET /v1/x
--- error_code: 403
--- response_body chomp
please sign in



=== TEST 6: an internal redirect decides once, and the key still counts
--- config
    location /v1/ { api_key proxy; try_files /nothing @next; }
    location @next { api_key proxy; return 200 "$api_key_result $api_key_id"; }
--- request
GET /v1/x
--- more_headers eval
"Authorization: Bearer $::key"
--- response_body_like: ^ok \d+$



=== TEST 7: a subrequest does not slip in
--- config
    location = /sub { auth_request /v1/auth; empty_gif; }
    location /v1/ { api_key proxy; empty_gif; }
--- request
GET /sub
--- error_code: 403
--- error_log
needs a key that its main request did not present



=== TEST 8: HEAD has the headers and no body
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- request
HEAD /v1/x
--- error_code: 401
--- response_headers
Content-Length: 27
--- response_body



=== TEST 9: pipelined requests are answered one by one
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- pipelined_requests eval
["GET /v1/a", "GET /v1/b", "GET /v1/c"]
--- error_code eval
[401, 401, 401]
--- response_body eval
[('{"error":"Missing API Key"}') x 3]



=== TEST 10: a key does not go on where an address alone opens the place
--- config
    location /v1/ {
        satisfy any;
        allow 127.0.0.1;
        deny all;
        api_key proxy;
        api_key_from bearer header=x-api-key query=key;
        proxy_pass $TEST_NGINX_UPSTREAM;
    }
--- request eval
["GET /v1/echo", "GET /v1/echo", "GET /v1/echo?key=$::key"]
--- more_headers eval
["Authorization: Bearer $::key", "X-Api-Key: $::key", ""]
--- response_body_unlike eval
[("ms-") x 3]



=== TEST 11: a dry run refuses no subrequest either
--- config
    location = /sub { auth_request /v1/auth; empty_gif; }
    location /v1/ { api_key proxy; api_key_dry_run on; empty_gif; }
--- request
GET /sub
--- error_code: 200
--- error_log
would reject (dry run): subrequest to "/v1/auth"



=== TEST 12: a dry run does not open under satisfy any what the others refuse
--- config
    location /deny/ { satisfy any; deny all; api_key proxy; api_key_dry_run on; empty_gif; }
    location /allow/ { satisfy any; allow 127.0.0.1; deny all; api_key proxy; api_key_dry_run on; empty_gif; }
--- request eval
["GET /deny/", "GET /deny/", "GET /allow/"]
--- more_headers eval
["", "Authorization: Bearer $::key", ""]
--- error_code eval
[403, 200, 200]
