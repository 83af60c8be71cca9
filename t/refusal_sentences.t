use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our ($key, $id) = create_key(account => $account, name => 'shop');
redis_cli('HSET', "ak:{k}:$id", 'models', 'gpt-4o-mini');
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a message of the operator has variables
--- config
    api_key proxy;
    api_key_error_format openai;
    api_key_error missing_key 401 "No API key was sent from $remote_addr. Create one at https://example.com/dashboard/";
    api_key_error model_not_allowed 403 "\"$api_key_name\" may not use $api_key_model";
    location /v1/ { api_key_model body; empty_gif; }
--- request eval
["GET /v1/x", "POST /v1/x\n{\"model\":\"o\\\"1\"}"]
--- more_headers eval
["", "Authorization: Bearer $::key\nContent-Type: application/json"]
--- error_code eval
[401, 403]
--- response_body eval
['{"error":{"message":"No API key was sent from 127.0.0.1. Create one at https://example.com/dashboard/","type":"invalid_request_error","param":null,"code":"missing_key"}}',
 '{"error":{"message":"\"shop\" may not use o\"1","type":"invalid_request_error","param":"model","code":"model_not_allowed"}}']



=== TEST 2: one with a variable that there is not
--- config
    location /v1/ { api_key proxy; api_key_error missing_key 401 "$nonsense"; empty_gif; }
--- must_die
--- error_log
unknown "nonsense" variable



=== TEST 3: the field at fault stands in param
--- config
    location /v1/ { api_key proxy; api_key_model body; api_key_error_format openai; empty_gif; }
--- request eval
["POST /v1/x\n{\"messages\":[]}", "POST /v1/x\n["]
--- more_headers eval
"Authorization: Bearer $::key\nContent-Type: application/json"
--- error_code eval
[400, 400]
--- response_body_like eval
['^\{"error":\{"message":"model: is required","type":"invalid_request_error","param":"model","code":"request_invalid"\}\}$',
 '^\{"error":\{"message":"[^"]+","type":"invalid_request_error","param":null,"code":"request_invalid"\}\}$']



=== TEST 4: a body that nginx refuses for its size: by its header, and as it comes
--- config
    location /v1/ { client_max_body_size 2k; api_key proxy; api_key_error_format anthropic; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /set/ { client_max_body_size 2k; api_key proxy; api_key_error request_too_large 413 "Too much"; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /open/ { client_max_body_size 2k; proxy_pass $TEST_NGINX_UPSTREAM; }
--- raw_request eval
my $chunk = "800\r\n" . "x" x 2048 . "\r\n";
[ "POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\nConnection: close\r\n\r\n",
  "POST /v1/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer $::key\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n$chunk$chunk",
  "POST /set/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\nConnection: close\r\n\r\n",
  "POST /open/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\nConnection: close\r\n\r\n" ]
--- error_code eval
[413, 413, 413, 413]
--- response_body_like eval
[('^\{"type":"error","error":\{"type":"request_too_large","message":"The request body is larger than 2 KB"\},"request_id":"[0-9a-f]{32}"\}$') x 2,
 '^\{"error":"Too much"\}$', '<html>']



=== TEST 5: Anthropic's SDK finds the id of a request in request-id
--- config
    location /metered/ { api_key proxy; api_key_meter anthropic; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/upstream/; }
    location /openai/ { api_key proxy; api_key_meter openai; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/upstream/; }
    location /refused/ { api_key proxy; api_key_error_format anthropic; empty_gif; }
    location /upstream/ { add_header request-id req_of_upstream; return 200; }
--- request eval
["GET /metered/x", "GET /openai/x", "GET /refused/x"]
--- more_headers eval
["Authorization: Bearer $::key", "Authorization: Bearer $::key", ""]
--- error_code eval
[200, 200, 401]
--- raw_response_headers_like eval
['X-Request-Id: ([0-9a-f]{32})\r\nrequest-id: \1\r\n|request-id: ([0-9a-f]{32})\r\n(?:.*\r\n)*X-Request-Id: \2\r\n',
 'request-id: req_of_upstream\r\n', 'X-Request-Id: ([0-9a-f]{32})\r\nrequest-id: \1\r\n']
