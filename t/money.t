use lib 't/lib';
use ApiKeyTest 'no_plan';

# What is charged, by whom and when; tests/scenarios/money.js has what needs several nodes.

my $prices = "$ENV{TEST_DIRECTORY}/prices.json";
open my $file, '>', $prices or die $!;
print $file <<'_EOC_';
{"sample_spec": {"input_cost_per_token": "explained"},
 "gpt-4o-mini": {"input_cost_per_token": 1e-3, "output_cost_per_token": 2e-3, "max_output_tokens": 100, "max_input_tokens": 2000},
 "claude-demo": {"input_cost_per_token": 1e-3, "output_cost_per_token": 2e-3, "max_output_tokens": 100, "max_input_tokens": 2000},
 "gemini/gemini-2.5-flash": {"input_cost_per_token": 1e-3, "output_cost_per_token": 2e-3, "max_output_tokens": 100, "max_input_tokens": 2000},
 "free-model": {"input_cost_per_token": 0, "output_cost_per_token": 0.0},
 "endless": {"input_cost_per_token": 1e-3, "output_cost_per_token": 2e-3},
 "by-image": {"input_cost_per_image": 0.5}}
_EOC_
close $file;
my $plans = "$ENV{TEST_DIRECTORY}/plans-money.json";
open $file, '>', $plans or die $!;
print $file '{"plans": {"double": {"multiplier": "2"}}}';
close $file;

our $account = create_account();
our ($key, $id) = create_key(account => $account);
our ($fresh, $fresh_id) = create_key(account => $account);
our $manager = create_key(account => $account, type => 'billing');
apikeyctl('account', 'topup', $account, '--amount', '1000', '--reference', 'first');
our $poor = create_key(account => create_account());
our $double_account = create_account(plan => 'double');
our $double = create_key(account => $double_account);
our $double_manager = create_key(account => $double_account, type => 'billing');
apikeyctl('account', 'topup', $double_account, '--amount', '10', '--reference', 'first');

add_block_preprocessor(sub {
    my $block = shift;
    return if defined $block->bare;
    $block->set_value('http_config', default_http_config() . <<"_EOC_" . ($block->http_config // ''));
    api_key_prices $prices;
    api_key_plans $plans;
    log_format money '\$status cost=\$api_key_cost result=\$api_key_result';
_EOC_
    $block->set_value('config', <<'_EOC_' . ($block->config // ''));
    access_log logs/access.log money;
    proxy_http_version 1.1;
    location /v1/ { api_key proxy; api_key_meter openai; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /v1/messages { api_key proxy; api_key_meter anthropic; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /v1beta/ { api_key proxy; api_key_meter gemini; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /api/ { api_key billing; api_key_manage; }
_EOC_
    $block->set_value('more_headers', "Authorization: Bearer $::key\nContent-Type: application/json") if !defined $block->more_headers;
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: the tokens of an answer at the model's price
--- request
POST /v1/chat/completions
{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}
--- access_log
200 cost=0.010000 result=ok



=== TEST 2: the same streamed, without that the client had asked for the usage
--- request
POST /v1/chat/completions
{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello"}]}
--- response_body_unlike: usage
--- access_log
200 cost=0.010000 result=ok



=== TEST 3: Anthropic's and Gemini's, plain and streamed
--- request eval
[
"POST /v1/messages\n{\"model\":\"claude-demo\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}",
"POST /v1/messages\n{\"model\":\"claude-demo\",\"max_tokens\":50,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}",
"POST /v1beta/models/gemini-2.5-flash:generateContent\n{\"contents\":[{\"parts\":[{\"text\":\"Hello\"}]}]}",
"POST /v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse\n{\"contents\":[{\"parts\":[{\"text\":\"Hello\"}]}]}",
]
--- access_log eval
["200 cost=0.010000 result=ok", "200 cost=0.010000 result=ok", "200 cost=0.010000 result=ok", "200 cost=0.010000 result=ok"]



=== TEST 4: the plan's multiplier
--- request
POST /v1/chat/completions
{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}
--- more_headers eval
"Authorization: Bearer $::double\nContent-Type: application/json"
--- access_log
200 cost=0.020000 result=ok



=== TEST 5: an empty wallet
--- request
POST /v1/chat/completions
{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}
--- more_headers eval
"Authorization: Bearer $::poor\nContent-Type: application/json"
--- error_code: 402
--- response_headers
X-Should-Retry: false
! Retry-After
--- response_body_like eval
qr/^\{"error":\{"message":"billing_shortfall","type":"insufficient_quota","param":null,"code":"billing_shortfall","limit":"wallet","used":"0.000000","cap":"0.000000","needed":"[\d.]+"\}\}$/
--- access_log
402 cost=0.000000 result=wallet_empty



=== TEST 6: an empty wallet does not block a free model
--- request
POST /v1/chat/completions
{"model":"free-model","messages":[{"role":"user","content":"Hello"}]}
--- more_headers eval
"Authorization: Bearer $::poor\nContent-Type: application/json"
--- access_log eval
qr/200 cost=0\.000000 result=ok/



=== TEST 7: … a list
--- request
GET /v1/models
--- more_headers eval
"Authorization: Bearer $::poor\nContent-Type: application/json"
--- access_log eval
qr/200 cost= result=ok/



=== TEST 8: … what has no price at all
--- config
    location /other/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM:/; }
--- request
POST /other/echo
x
--- more_headers eval
"Authorization: Bearer $::poor\nContent-Type: application/json"
--- access_log eval
qr/200 cost= result=ok/



=== TEST 9: a model without a price is refused: unknown
--- request
POST /v1/chat/completions
{"model":"unknown","messages":[{"role":"user","content":"Hello"}]}
--- error_code: 404
--- response_body_like: "Model unknown is not available here"
--- access_log eval
qr/404 cost= result=model_unpriced/



=== TEST 10: a model without a price is refused: by-image
--- request
POST /v1/chat/completions
{"model":"by-image","messages":[{"role":"user","content":"Hello"}]}
--- error_code: 404
--- response_body_like: "Model by-image is not available here"
--- access_log eval
qr/404 cost= result=model_unpriced/



=== TEST 11: a model without a price is refused: sample_spec
--- request
POST /v1/chat/completions
{"model":"sample_spec","messages":[{"role":"user","content":"Hello"}]}
--- error_code: 404
--- response_body_like: "Model sample_spec is not available here"
--- access_log eval
qr/404 cost= result=model_unpriced/



=== TEST 12: a default price
--- http_config eval
"api_key_zone zone=keys:2m; api_key_redis $ENV{TEST_NGINX_REDIS} timeout=5s; api_key_pepper $ENV{TEST_NGINX_PEPPER}; api_key_type proxy prefix=ms-; api_key_type billing prefix=mk- manages; api_key_prices $ENV{TEST_DIRECTORY}/prices.json default=gpt-4o-mini; log_format money '\$status cost=\$api_key_cost result=\$api_key_result';"
--- bare
--- config
    access_log logs/access.log money;
    location /v1/ { api_key proxy; api_key_meter openai; proxy_pass $TEST_NGINX_UPSTREAM; }
--- more_headers eval
"Authorization: Bearer $::key\nContent-Type: application/json"
--- request
POST /v1/chat/completions
{"model":"unknown","messages":[{"role":"user","content":"Hello"}]}
--- access_log
200 cost=0.010000 result=ok



=== TEST 13: what cannot be known in advance is refused: the size of the answer
--- request
POST /v1/chat/completions
{"model":"endless","messages":[{"role":"user","content":"Hello"}]}
--- error_code: 400
--- response_body_like: max_tokens: is required for this model
--- access_log eval
qr/400 cost= result=request_invalid/



=== TEST 14: … which the request may tell
--- request
POST /v1/chat/completions
{"model":"endless","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}
--- access_log eval
qr/200 cost=0\.010000/



=== TEST 15: … the size of what is elsewhere
--- request
POST /v1/chat/completions
{"model":"endless","max_tokens":100,"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}
--- error_code: 400
--- response_body_like: The cost of input that is not in the request itself
--- access_log eval
qr/400 cost= result=request_invalid/



=== TEST 16: … or it costs api_key_reserve at the most
--- config
    location /reserved/ { api_key proxy; api_key_meter openai; api_key_reserve 5; proxy_pass $TEST_NGINX_UPSTREAM:/; }
--- request
POST /reserved/v1/chat/completions
{"model":"endless","messages":[{"role":"user","content":"Hello"}]}
--- access_log eval
qr/200 cost=0\.010000/



=== TEST 17: a body without a model
--- request
POST /v1/chat/completions
{"messages":[]}
--- error_code: 400
--- response_body_like: model: is required
--- access_log eval
qr/400 cost= result=request_invalid/



=== TEST 18: no body at all
--- request
POST /v1/chat/completions
--- error_code: 400
--- response_body_like: model: is required
--- access_log eval
qr/400 cost= result=request_invalid/



=== TEST 19: an answer without usage costs the reserve
--- config
    location /v1/echo { api_key proxy; api_key_meter openai; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request
POST /v1/echo
{"model":"gpt-4o-mini","max_tokens":10}
--- access_log eval
qr/200 cost=1\.2\d+ result=ok/



=== TEST 20: an error of the upstream costs nothing
--- request
POST /v1/chat/completions
{"model":"gpt-4o-mini","max_tokens":10}
--- error_code: 400
--- access_log eval
qr/400 cost=0\.000000 result=ok/



=== TEST 21: an upstream that is not there costs nothing
--- config
    location /v1/nobody { api_key proxy; api_key_meter openai; proxy_pass http://127.0.0.1:1; }
--- request
POST /v1/nobody
{"model":"gpt-4o-mini","max_tokens":10}
--- error_code: 502
--- access_log eval
qr/502 cost=0\.000000 result=ok/



=== TEST 22: the cost from a header of the upstream
--- config
    location /header/ { api_key proxy; api_key_cost $upstream_http_x_cost; api_key_reserve 2; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/costs/; }
    location /costs/ { access_log off; add_header X-Cost 2.85e-05; return 200 x; }
--- request
GET /header/x
--- access_log eval
qr/200 cost=0\.000029 result=ok/



=== TEST 23: … which is not there
--- config
    location /silent/ { api_key proxy; api_key_cost $upstream_http_x_cost; api_key_reserve 2; proxy_pass $TEST_NGINX_UPSTREAM:/; }
--- request
GET /silent/echo
--- access_log eval
qr/200 cost=2\.000000 result=ok/



=== TEST 24: a fixed cost
--- config
    location /fixed/ { api_key proxy; api_key_cost 0.25; empty_gif; }
--- request
GET /fixed/x
--- access_log eval
qr/200 cost=0\.250000 result=ok/



=== TEST 25: … not for an error
--- config
    location /nowhere { api_key proxy; api_key_cost 0.25; }
--- request
GET /nowhere
--- error_code: 404
--- error_log: No such file
--- access_log eval
qr/404 cost=0\.000000 result=ok/



=== TEST 26: what was charged stands in the ledger, and the balance is its sum
--- request
GET /api/transactions
--- more_headers eval
"Authorization: Bearer $::double_manager"
--- wait: 0.7
--- response_body_like eval
qr/^\{"transactions":\[\{"id":2,"type":"usage","amount":"-0.020000","keyId":\d+,"createdAt":"[^"]+","updatedAt":"[^"]+"\},\{"id":1,"type":"topup","amount":"10.000000","reference":"first","createdAt":"[^"]+"\}\]\}$/



=== TEST 27: balance and subscription
--- request eval
["GET /api/balance", "GET /api/subscription", "GET /api/transactions?limit=1", "GET /api/transactions?limit=1&cursor=2", "GET /api/transactions?limit=0", "POST /api/balance"]
--- more_headers eval
"Authorization: Bearer $::double_manager"
--- error_code eval
[200, 200, 200, 200, 400, 405]
--- response_body_like eval
[qr/^\{"balance":"9.980000","held":"0.000000","available":"9.980000"\}$/,
qr/^\{"plan":"double","models":\[\],"multiplier":"2.000000","rates":\{\}\}$/,
qr/^\{"transactions":\[\{"id":2,.*\],"next":"2"\}$/,
qr/^\{"transactions":\[\{"id":1,[^]]*\]\}$/,
qr/"error":"limit: expected a number from 1 to 1000"/,
qr/Use GET here/]



=== TEST 28: a monthly limit of the key
--- request eval
["PATCH /api/keys/$::id\n{\"monthlyLimit\": \"0.5\"}"]
--- more_headers eval
"Authorization: Bearer $::manager\nContent-Type: application/json"
--- response_body_like: "monthlyLimit":"0.500000"



=== TEST 29: … that is reached
--- request
POST /v1/chat/completions
{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}
--- error_code: 402
--- response_body_like eval
qr/^\{"error":\{"message":"api_key_quota_exceeded","type":"insufficient_quota","param":null,"code":"api_key_quota_exceeded","limit":"monthlyLimit","used":"[\d.]+","cap":"0.500000","needed":"[\d.]+","reset":"20\d\d-\d\d-01T00:00:00Z"\}\}$/
--- access_log
402 cost=0.000000 result=key_spend_exceeded



=== TEST 30: … shows in the key's usage
--- request eval
"GET /api/keys/$::id/usage"
--- more_headers eval
"Authorization: Bearer $::manager"
--- response_body_like: "spend":\{"month":"20\d\d-\d\d","used":"\d+\.\d{6}","held":"0.000000","limit":"0.500000","remaining":"0.000000","resets":"20\d\d-\d\d-01T00:00:00Z"\}



=== TEST 31: … and is cleared
--- request eval
"PATCH /api/keys/$::id\n{\"monthlyLimit\": null}"
--- more_headers eval
"Authorization: Bearer $::manager\nContent-Type: application/json"
--- response_body_unlike: monthlyLimit



=== TEST 32: a request that its wallet refuses counts towards no quota
--- config
    location /fixed/ { api_key proxy; api_key_cost 2000; empty_gif; }
    location /cheap/ { api_key proxy; empty_gif; }
--- request eval
["PATCH /api/keys/$::fresh_id\n{\"quotas\":{\"total\":1}}", "GET /fixed/x", "GET /fixed/x", "GET /cheap/x", "GET /cheap/x"]
--- more_headers eval
[map { "Authorization: Bearer $_\nContent-Type: application/json" } $::manager, ($::fresh) x 4]
--- error_code eval
[200, 402, 402, 200, 429]



=== TEST 33: a stream whose request is spelled with escapes, as Python does it, costs what it uses
--- request eval
[map { "POST /v1/chat/completions\n$_" } '{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Gr\u00fc\u00dfe"}]}',
 '{"model":"gpt-4o-mini","stream":true,"stream_option\u0073":{"x":1},"messages":[]}', '{"model":"gpt-4o-mini","\u0073tream":true,"stream_options":{"include\u005fusage":false},"messages":[]}']
--- more_headers eval
"Authorization: Bearer $::double\nContent-Type: application/json"
--- response_body_unlike eval
[("usage") x 3]
--- access_log eval
[(qr/200 cost=0\.020000 result=ok/) x 3]
