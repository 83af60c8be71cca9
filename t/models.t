use lib 't/lib';
use ApiKeyTest 'no_plan';

our $plans = "$ENV{TEST_DIRECTORY}/models-plans.json";
open my $file, '>', $plans or die $!;
print $file '{"plans": {"small": {"models": ["gpt-4o-mini", "gemini-*"]}, "all": {}}}';
close $file;

our $account = create_account();
sub scoped ($) {
    my ($key, $id) = create_key(account => $account);
    redis_cli('HSET', "ak:{k}:$id", 'models', $_[0]);
    return $key;
}
our $scoped = scoped("gpt-4o*\nclaude-3-5-haiku");
our $gemini = scoped('gemini-2.5-flash');
our $free = create_key(account => $account);
our $small = create_key(account => create_account(plan => 'small'));
our $limited = do {
    my ($key, $id) = create_key(account => $account);
    redis_cli('HSET', "ak:{k}:$id", 'models', 'gpt-4o', 'total', 1);
    $key;
};

sub bearer ($) { "Authorization: Bearer $_[0]\nContent-Type: application/json" }

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', "api_key_plans $::plans;") if !defined $block->http_config;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location /v1/ { api_key proxy; api_key_model body; proxy_pass $TEST_NGINX_UPSTREAM; add_header Model $api_key_model; }
_EOC_
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: names and globs
--- request eval
[map { "POST /v1/echo\n{\"model\":\"$_\"}" } "gpt-4o", "gpt-4o-mini", "claude-3-5-haiku", "claude-3-5-haiku-2", "GPT-4o", "o1"]
--- more_headers eval
main::bearer($::scoped)
--- error_code eval
[200, 200, 200, 403, 403, 403]



=== TEST 2: the answer names the model, and those that are allowed
--- config
    location /v1/ { api_key proxy; api_key_model body; api_key_error_format openai; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request
POST /v1/echo
{"model":"o1"}
--- more_headers eval
main::bearer($::scoped)
--- error_code: 403
--- response_body chomp
{"error":{"message":"Model not allowed for this API key: o1 (allowed: gpt-4o*, claude-3-5-haiku)","type":"invalid_request_error","param":"model","code":"model_not_allowed"}}
--- response_headers
X-Should-Retry: false



=== TEST 3: the body goes on as it was
--- request
POST /v1/echo
{ "model" : "gpt-4o",  "messages":[{"role":"user","content":"model"}] }
--- more_headers eval
main::bearer($::scoped)
--- response_body_like eval
qr/\{ "model" : "gpt-4o",  "messages":\[\{"role":"user","content":"model"\}\] \}|\\"model\\" : \\"gpt-4o\\"/
--- response_headers
Model: gpt-4o



=== TEST 4: what cannot be read with certainty is refused
--- request eval
[map { "POST /v1/echo\n$_" } '{"model":"gpt-4o","model":"o1"}', '{"model":"gpt-4o","mod\u0065l":"o1"}', '{"model":7}', '{"model":null}',
 '{"messages":[{"model":"gpt-4o"}]}', '{"model":"gpt-4o"', '["model"]', "{\"model\":\"gpt-4o\",\"a\":\"\xff\"}"]
--- more_headers eval
main::bearer($::scoped)
--- error_code eval
[(400) x 8]
--- response_body_like eval
[(map { "model" } 1 .. 5), (".") x 3]



=== TEST 5: a compressed body is refused for a scoped key, and goes on for another
--- request eval
["POST /v1/echo\n\x1f\x8b", "POST /v1/echo\n\x1f\x8b"]
--- more_headers eval
[map { main::bearer($_) . "\nContent-Encoding: gzip" } $::scoped, $::free]
--- error_code eval
[400, 200]



=== TEST 6: a body in a temporary file
--- config
    client_body_buffer_size 1k;
    location /v1/ { api_key proxy; api_key_model body; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
[map { "POST /v1/echo\n{\"input\":\"" . ("x" x 100_000) . "\",\"model\":\"$_\"}" } "gpt-4o", "o1"]
--- more_headers eval
main::bearer($::scoped)
--- error_code eval
[200, 403]



=== TEST 7: a request without a body uses no model
--- request
GET /v1/models
--- more_headers eval
main::bearer($::scoped)



=== TEST 8: the plan's models, too
--- request eval
[map { "POST /v1/echo\n{\"model\":\"$_\"}" } "gpt-4o-mini", "gpt-4o", "gemini-x"]
--- more_headers eval
main::bearer($::small)
--- error_code eval
[200, 403, 200]



=== TEST 9: a key without a scope says what it likes, unread
--- request
POST /v1/echo
{"model":
--- more_headers eval
main::bearer($::free)
--- response_headers
Model:



=== TEST 10: the path, as Gemini has it
--- config
    location /v1beta/ { api_key proxy; api_key_model path; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
[(map { "POST /v1beta/models/$_\n{\"contents\":[{\"parts\":[{\"text\":\"x\"}]}]}" } "gemini-2.5-flash:generateContent", "gemini-2.5-pro:generateContent", "gemini-2.5%2dflash:generateContent"),
 (map { "POST /v1beta/models/gemini-2.5-flash:generateContent\n{\"model\":\"$_\",\"contents\":[{\"parts\":[{\"text\":\"x\"}]}]}" } "models/gemini-2.5-flash", "models/gemini-2.5-pro"), "GET /v1beta/models"]
--- more_headers eval
main::bearer($::gemini)
--- error_code eval
[200, 403, 200, 200, 400, 404]
--- response_body_like eval
[".", "Model not allowed for this API key: gemini-2.5-pro", ".", ".", "the body names another model than the path", "."]



=== TEST 11: a variable, as for Azure's deployments
--- config
    location ~ ^/openai/deployments/(?<deployment>[^/]+)/ { api_key proxy; api_key_model $deployment; proxy_pass $TEST_NGINX_UPSTREAM; rewrite ^ /v1/echo break; }
--- request eval
["POST /openai/deployments/gpt-4o/chat\nx", "POST /openai/deployments/o1/chat\nx"]
--- more_headers eval
main::bearer($::scoped)
--- error_code eval
[200, 403]



=== TEST 12: a multipart form
--- request eval
[map { "POST /v1/echo\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n$_\r\n--b--\r\n" } "gpt-4o-transcribe", "whisper-1"]
--- more_headers eval
"Authorization: Bearer $::scoped\nContent-Type: multipart/form-data; boundary=b"
--- error_code eval
[200, 403]



=== TEST 13: a refused model takes nothing of a quota
--- request eval
["POST /v1/echo\n{\"model\":\"o1\"}", "POST /v1/echo\n{\"model\":\"gpt-4o\"}", "POST /v1/echo\n{\"model\":\"gpt-4o\"}"]
--- more_headers eval
main::bearer($::limited)
--- error_code eval
[403, 200, 429]



=== TEST 14: a body without Content-Type, or with one that is empty or of other letters
--- request eval
[("POST /v1/echo\n{\"model\":\"gpt-4o\"}") x 3, "POST /v1/echo\n{\"model\":\"o1\"}"]
--- more_headers eval
["Authorization: Bearer $::scoped", "Authorization: Bearer $::scoped\nContent-Type:", "Authorization: Bearer $::scoped\nContent-Type: m", "Authorization: Bearer $::scoped"]
--- error_code eval
[200, 200, 200, 403]



=== TEST 15: a name in another case: Go and ASP.NET take it for the same
--- request eval
[map { "POST /v1/echo\n$_" } '{"model":"gpt-4o","Model":"o1"}', '{"model":"gpt-4o","MODEL":"o1"}', '{"Model":"o1"}', '{"model":"gpt-4o","mo\u0064\u0065L":"o1"}', '{"model":"gpt-4o","model\u0000":"o1"}']
--- more_headers eval
main::bearer($::scoped)
--- error_code eval
[(400) x 5]



=== TEST 16: a form whose fields are named so that parsers see another one
--- request eval
[map { "POST /v1/echo\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-4o\r\n--b\r\nContent-Disposition: form-data; $_\r\n\r\no1\r\n--b--\r\n" }
 'name="x"; name*=utf-8\'\'model', 'name="x"; name*0="mo"; name*1="del"', 'name*0="mo"; name*1="del"', 'name="Model"', "name=\"x\"\r\n ;name=\"model\"", "filename*=utf-8''a; name=\"x\""]
--- more_headers eval
"Authorization: Bearer $::scoped\nContent-Type: multipart/form-data; boundary=b"
--- error_code eval
[400, 400, 400, 400, 400, 200]



=== TEST 17: paths that name a model in another way
--- config
    location /v1beta/ { api_key proxy; api_key_model path; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/nothing; }
    location /nothing { return 200; }
--- request eval
[map { "POST $_\n{}" } "/v1beta/tunedModels/gemini-2.5-pro:generateContent", "/v1beta/dynamic/gemini-2.5-pro:generateContent",
 "/v1beta/models/gemini-2.5-flash/models/gemini-2.5-pro:generateContent", "/v1beta/models/gemini-2.5-flash/tunedModels/x:generateContent",
 "/v1beta/models/gemini-2.5-pro:generateContent/../gemini-2.5-flash:generateContent", "/v1beta/models/gemini-2.5-flash:generateContent"]
--- more_headers eval
main::bearer($::gemini)
--- error_code eval
[403, 403, 400, 400, 400, 200]



=== TEST 18: a WebSocket's query does not name what no body does
--- request eval
["GET /v1/realtime?model=o1", "GET /v1/models"]
--- more_headers eval
main::bearer($::scoped)
--- error_code eval
[400, 200]
