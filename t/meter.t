use lib 't/lib';
use ApiKeyTest 'no_plan';

our $key = create_key(account => create_account());

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', <<'_EOC_') if !defined $block->http_config;
    log_format tokens '$request_method $status input=$api_key_input_tokens output=$api_key_output_tokens result=$api_key_result';
_EOC_
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    access_log logs/access.log tokens;
    location /v1/ { api_key proxy; api_key_meter openai; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /v1/messages { api_key proxy; api_key_meter anthropic; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /v1beta/ { api_key proxy; api_key_meter gemini; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /json/ { api_key proxy; api_key_meter openai; alias html/; default_type application/json; }
    location /other/ { api_key proxy; api_key_meter off; proxy_pass $TEST_NGINX_UPSTREAM; }
_EOC_
    $block->set_value('more_headers', "Authorization: Bearer $::key\nContent-Type: application/json") if !defined $block->more_headers;
});
run_tests();

__DATA__

=== TEST 1: OpenAI's chat completions
--- request
POST /v1/chat/completions
{"model":"gpt-4o","messages":[{"role":"user","content":"Hello there"}]}
--- access_log eval
qr/POST 200 input=[1-9]\d* output=[1-9]\d* result=ok/



=== TEST 2: Anthropic's messages, streamed
--- request
POST /v1/messages
{"model":"claude-demo","max_tokens":10,"stream":true,"messages":[{"role":"user","content":"Hello there"}]}
--- response_body_like: message_stop
--- access_log eval
qr/POST 200 input=[1-9]\d* output=[1-9]\d* result=ok/



=== TEST 3: Gemini's contents, as a streamed array and as events
--- request eval
[map { "POST /v1beta/models/gemini-2.5-flash:streamGenerateContent$_\n{\"contents\":[{\"parts\":[{\"text\":\"Hello\"}]}]}" } "", "?alt=sse"]
--- access_log eval
[qr/POST 200 input=[1-9]\d* output=[1-9]\d* result=ok/, qr/POST 200 input=[1-9]\d* output=[1-9]\d* result=ok/]



=== TEST 4: the numbers of the answer, from a file
--- user_files
>>> usage.json
{"usage":{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":40}}}
--- request
GET /json/usage.json
--- access_log
input=100 output=50



=== TEST 5: an answer without usage tells nothing
--- user_files
>>> none.json
{"object":"list"}
--- request
GET /json/none.json
--- access_log
GET 200 input= output= result=ok



=== TEST 6: nginx compresses what was metered
--- config
    access_log logs/access.log tokens;
    gzip on;
    gzip_types application/json;
    gzip_min_length 1;
    location /json/ { api_key proxy; api_key_meter openai; alias html/; default_type application/json; }
--- user_files
>>> usage.json
{"usage":{"prompt_tokens":100,"completion_tokens":50}}
--- request
GET /json/usage.json
--- more_headers eval
"Authorization: Bearer $::key\nAccept-Encoding: gzip"
--- response_headers
Content-Encoding: gzip
--- access_log
input=100 output=50



=== TEST 7: the upstream is asked for plain text, the client's other wishes go on
--- request
GET /v1/echo
--- more_headers eval
"Authorization: Bearer $::key\nAccept-Encoding: gzip, br\nAccept-Language: de"
--- response_body_like: (?s)"accept-encoding":\s*"identity".*"accept-language":\s*"de"



=== TEST 8: without a meter the wish goes on
--- config
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request
GET /v1/echo
--- more_headers eval
"Authorization: Bearer $::key\nAccept-Encoding: br"
--- response_body_like: "accept-encoding":\s*"br"



=== TEST 9: errors take the shape of the API that is metered
--- request eval
["GET /v1/x", "GET /v1/messages", "GET /v1beta/x", "GET /other/x"]
--- more_headers
X-Nothing: 1
--- error_code eval
[401, 401, 401, 401]
--- response_body_like eval
['^\{"error":\{"message":"Missing API Key","type"', '^\{"type":"error"', '^\{"error":\{"code":401', '^\{"error":"Missing API Key"\}$']



=== TEST 10: an unknown API
--- config
    location /v1/ { api_key_meter cohere; }
--- must_die
--- error_log
invalid API in "api_key_meter", expected openai, anthropic, gemini or off: "cohere"



=== TEST 11: a stream is asked for its usage, and the client does not see it
--- request
POST /v1/chat/completions
{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hello there"}]}
--- response_body_like eval
qr/^(?!.*"choices":\[\]).*data: \[DONE\]\n\n$/s
--- access_log eval
qr/POST 200 input=[1-9]\d* output=[1-9]\d* result=ok/



=== TEST 12: a client that asked sees it
--- request
POST /v1/chat/completions
{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hello there"}]}
--- response_body_like: "choices":\[\],"usage":\{
--- access_log eval
qr/POST 200 input=[1-9]\d* output=[1-9]\d* result=ok/



=== TEST 13: the question goes to the upstream, with the right length
--- config
    location /v1/ { api_key proxy; api_key_meter openai; proxy_pass $TEST_NGINX_UPSTREAM; rewrite ^ /v1/echo/completions break; }
--- request
POST /v1/chat
{"model":"gpt-4o","stream":true}
--- response_body_like: (?s)"content-length":\s*"72".*stream_options



=== TEST 14: other requests go on as they are
--- request
POST /v1/echo
{"model":"gpt-4o","stream":true}
--- response_body_unlike: stream_options



=== TEST 15: a streamed request without Content-Type is asked for its usage too
--- request
POST /v1/chat/completions
{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hello there"}]}
--- more_headers eval
"Authorization: Bearer $::key"
--- access_log eval
qr/POST 200 input=[1-9]\d* output=[1-9]\d* result=ok/
