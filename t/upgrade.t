use lib 't/lib';
use ApiKeyTest 'no_plan';

# Requests for an upgraded connection; tests/scenarios/upgrade.js has what becomes of the connection.

my $plans = "$ENV{TEST_DIRECTORY}/plans-upgrade.json";
open my $file, '>', $plans or die $!;
print $file '{"plans": {"scoped": {"models": ["gpt-4o-mini"]}, "open": {}}}';
close $file;
our $prices = "$ENV{TEST_DIRECTORY}/prices-upgrade.json";
open $file, '>', $prices or die $!;
print $file '{"gpt-4o-mini": {"input_cost_per_token": 1e-3, "output_cost_per_token": 2e-3, "max_output_tokens": 100}}';
close $file;

our $account = create_account();
our $key = create_key(account => $account);
our ($scoped, $scoped_id) = create_key(account => $account);
our $manager = create_key(account => $account, type => 'billing');
our $of_scoped_plan = create_key(account => create_account(plan => 'scoped'));
our $of_open_plan = create_key(account => create_account(plan => 'open'));
apikeyctl('account', 'topup', $account, '--amount', '10', '--reference', 'first');

add_block_preprocessor(sub {
    my $block = shift;
    return if defined $block->bare;
    my $prices_line = defined $block->priced ? "api_key_prices $::prices;" : '';
    $block->set_value('http_config', default_http_config() . "api_key_plans $plans; $prices_line\n" . ($block->http_config // ''));
    $block->set_value('config', <<'_EOC_' . ($block->config // '')) if !defined $block->must_die;
    location /plain/ { api_key proxy; empty_gif; }
    location /v1/ { api_key proxy; api_key_meter openai; empty_gif; }
    location /v1/messages { api_key proxy; api_key_meter anthropic; empty_gif; }
    location /v1beta/ { api_key proxy; api_key_meter gemini; empty_gif; }
    location /known/ { api_key proxy; api_key_meter openai; api_key_upgrade pass; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }
_EOC_
    my $bearer = defined $block->shown ? eval($block->shown) : $::key;
    my @headers = map { "Authorization: Bearer $bearer\n$_" } ref $block->offers ? @{$block->offers} : $block->offers // ();
    $block->set_value('more_headers', @headers == 1 ? $headers[0] : \@headers) if @headers;
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a key's models
--- config
    location = /gif { api_key proxy; empty_gif; }
--- request eval
["PATCH /api/keys/$::scoped_id\n{\"models\":[\"gpt-4o-mini\"]}", "GET /plain/", "GET /plain/", "GET /plain/"]
--- more_headers eval
["Authorization: Bearer $::manager\nContent-Type: application/json", "Authorization: Bearer $::scoped\nUpgrade: websocket\nConnection: upgrade, close", "Authorization: Bearer $::scoped", "Authorization: Bearer $::key\nUpgrade: websocket\nConnection: upgrade, close"]
--- error_code eval
[200, 426, 200, 200]



=== TEST 2: … those of its plan
--- shown: $::of_scoped_plan
--- offers: Upgrade: websocket
--- request
GET /plain/
--- error_code: 426
--- response_body chomp
{"error":"Connections cannot be upgraded here"}



=== TEST 3: … a plan that allows all, and nothing else that holds
--- shown: $::of_open_plan
--- offers: Upgrade: websocket
--- request
GET /plain/
--- error_code: 200



=== TEST 4: a meter: the body is the dialect's, and the headers say what is spoken
--- offers
Upgrade: websocket
Connection: Upgrade, close
Sec-WebSocket-Version: 13
--- request eval
["GET /v1/responses", "GET /v1/messages", "GET /v1beta/models"]
--- error_code eval
[426, 426, 426]
--- response_body eval
['{"error":{"message":"Connections cannot be upgraded here","type":"invalid_request_error","param":null,"code":"upgrade_refused"}}',
 qr/^\{"type":"error","error":\{"type":"invalid_request_error","message":"Connections cannot be upgraded here"\},"request_id":"[0-9a-f]{32}"\}$/,
 '{"error":{"code":426,"message":"Connections cannot be upgraded here","status":"FAILED_PRECONDITION"}}']
--- raw_response_headers_like eval
[(qr/^HTTP\/1\.1 426 (?=(?:.*\r\n)*Upgrade: HTTP\/1\.1\r\n)(?=(?:.*\r\n)*Connection: upgrade\r\n)(?=(?:.*\r\n)*Content-Type: application\/json\r\n)/) x 3]



=== TEST 5: whatever is offered, however it is written
--- offers eval
["upgrade: WebSocket", "Upgrade: websocket, foo", "Upgrade: foo", "Upgrade: h2c, websocket", "Upgrade: h2c\nUpgrade: websocket", "Upgrade:\nUpgrade: tls/1.2",
 "Upgrade: WEBSOCKET\nConnection: close", "Upgrade: ,websocket", "Upgrade: h2cc", "Upgrade: h2c websocket"]
--- request eval
[("GET /v1/x") x 10]
--- error_code eval
[(426) x 10]



=== TEST 6: by any method, and over HTTP/1.0
--- offers: Upgrade: websocket
--- request eval
["POST /v1/x\n{}", "OPTIONS /v1/x", "GET /v1/x HTTP/1.0"]
--- error_code eval
[426, 426, 426]



=== TEST 7: an offer of HTTP itself is none that is taken
--- offers eval
["Connection: Upgrade, HTTP2-Settings, close\nUpgrade: h2c\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA", "Upgrade: HTTP/2.0, h2c", "Upgrade:"]
--- config
    location /proxied/ { api_key proxy; api_key_meter openai; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_pass $TEST_NGINX_UPSTREAM:/; }
--- request eval
["GET /proxied/echo", "GET /proxied/echo", "GET /proxied/echo"]
--- error_code eval
[200, 200, 200]
--- response_body_unlike eval
[(qr/"upgrade":/i) x 3]



=== TEST 8: … where nothing holds it stays
--- offers: Upgrade: h2c
--- config
    location /proxied/ { api_key proxy; proxy_set_header X-Upgrade $http_upgrade; proxy_pass $TEST_NGINX_UPSTREAM:/; }
--- request
GET /proxied/echo
--- response_body_like: "x-upgrade":"h2c"



=== TEST 9: let by, knowingly
--- offers: Upgrade: websocket
--- request
GET /known/
--- error_code: 200



=== TEST 10: a wrong key is told so first
--- more_headers
Upgrade: websocket
Authorization: Bearer ms-no
--- request
GET /v1/x
--- error_code: 401



=== TEST 11: a price, without a meter too
--- priced: 1
--- config
    location /priced/ { api_key proxy; api_key_cost 0.1; empty_gif; }
    location /free/ { api_key proxy; api_key_cost 0; empty_gif; }
--- offers: Upgrade: websocket
--- request eval
["GET /v1/x", "GET /priced/", "GET /free/"]
--- error_code eval
[426, 426, 200]



=== TEST 12: what is let by costs as a request, and no header makes another request free
--- priced: 1
--- config
    location /priced/ { api_key proxy; api_key_upgrade pass; api_key_cost 0.1; empty_gif; }
    location /metered/ { api_key proxy; api_key_upgrade pass; api_key_meter openai; proxy_pass $TEST_NGINX_UPSTREAM:/; }
--- offers: Upgrade: websocket
--- request eval
["GET /priced/", "GET /metered/v1/models", "POST /metered/v1/chat/completions\n{\"messages\":[]}"]
--- error_code eval
[200, 200, 400]



=== TEST 13: a dry run tells and lets by
--- config
    location /dry/ { api_key proxy; api_key_meter openai; api_key_dry_run on; empty_gif; }
--- offers: Upgrade: websocket
--- request
GET /dry/
--- error_code: 200
--- error_log
would reject (dry run): upgrade_refused



=== TEST 14: words and status as for other reasons
--- config
    location /words/ { api_key proxy; api_key_meter openai; api_key_error upgrade_refused 400 "No WebSockets here"; empty_gif; }
--- offers: Upgrade: websocket
--- request
GET /words/
--- error_code: 400
--- response_headers
! Upgrade
--- response_body_like: "message":"No WebSockets here"



=== TEST 15: inherited, said once
--- config
    location /inherits/ { api_key_upgrade pass; location /inherits/a { api_key proxy; api_key_meter openai; empty_gif; } }
--- offers: Upgrade: websocket
--- request
GET /inherits/a
--- error_code: 200



=== TEST 16: frames cannot be read
--- config
    location /v1/ { api_key proxy; api_key_upgrade frames; empty_gif; }
--- must_die
--- error_log
not supported in this version, expected refuse or pass: "frames" in



=== TEST 17: a rule that there is not
--- config
    location /v1/ { api_key proxy; api_key_upgrade on; empty_gif; }
--- must_die
--- error_log
invalid rule, expected refuse or pass: "on" in
