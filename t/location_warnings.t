use lib 't/lib';
use ApiKeyTest 'no_plan';

# What is allowed and can hardly be meant is warned of when the configuration is read, with file and line.

for (['warning-prices', '{"gpt-4o": {"input_cost_per_token": 1e-3, "output_cost_per_token": 1e-3, "max_output_tokens": 9}}'],
     ['warning-plans', '{"plans": {"small": {"models": ["gpt-4o-mini"]}}}']) {
    open my $file, '>', "$ENV{TEST_DIRECTORY}/$_->[0].json" or die $!;
    print $file $_->[1];
    close $file;
}
our $prices = "api_key_prices $ENV{TEST_DIRECTORY}/warning-prices.json;";
our $plans = "api_key_plans $ENV{TEST_DIRECTORY}/warning-plans.json;";
our $any = qr/before "api_key" checks|are not charged, so|are rejected at/;
our $account = create_account();
our $key = create_key(account => $account);
our ($scoped, $id) = create_key(account => $account);
redis_cli('HSET', "ak:{k}:$id", 'models', 'gpt-4o');
our $planned = create_key(account => create_account(plan => 'small'));

add_block_preprocessor(sub {
    my $block = shift;
    return if defined $block->must_die;
    $block->set_value('request', 'GET /nowhere') if !defined $block->request;
    $block->set_value('error_code', 404) if !defined $block->error_code;
    $block->set_value('no_error_log', $::any) if !defined $block->error_log && !defined $block->no_error_log;
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: prices, and a place that charges nothing
--- http_config eval: $::prices
--- config
    location /v1/ {
        api_key proxy;
        proxy_pass $TEST_NGINX_UPSTREAM;
    }
--- error_log eval
qr!\[warn\] .*requests to "/v1/" are not charged, so wallets and monthly limits have no effect: .* next to "api_key" in .*nginx\.conf:\d+!



=== TEST 2: one warning for each api_key, whoever inherits it
--- http_config eval: $::prices
--- config
    api_key proxy;
    location /a/ { proxy_pass $TEST_NGINX_UPSTREAM; location /a/b/ { proxy_pass $TEST_NGINX_UPSTREAM; if ($arg_x) { set $y 1; } } }
    location /b/ { empty_gif; limit_except GET { deny all; } }
    location /c/ { api_key_meter openai; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /open/ { api_key off; empty_gif; }
--- error_code: 401
--- error_log
requests to "/a/", "/a/b/", "/b/", "/" are not charged
--- grep_error_log eval: qr/are not charged/
--- grep_error_log_out
are not charged



=== TEST 3: what is charged, or meant to be free, or answers itself
--- http_config eval: $::prices
--- config
    location /metered/ { api_key proxy; api_key_meter openai; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /paid/ { api_key proxy; api_key_cost 0.5; empty_gif; }
    location /free/ { api_key proxy; api_key_cost 0; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }
    location /metrics { api_key proxy; api_key_metrics; }
    location /open/ { empty_gif; }



=== TEST 4: a cost that is taken back
--- http_config eval: $::prices
--- config
    api_key_cost 0.5;
    location /paid/ { api_key proxy; empty_gif; }
    location /free/ { api_key proxy; api_key_cost off; empty_gif; }
--- error_log
requests to "/free/" are not charged



=== TEST 5: no prices at all: an API that costs nothing
--- config
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }



=== TEST 6: answers for an empty wallet, and nothing that empties it
--- config
    api_key_error wallet_empty 402;
    location /v1/ { api_key proxy; api_key_meter openai; proxy_pass $TEST_NGINX_UPSTREAM; }
--- error_log
requests to "/v1/" are not charged



=== TEST 7: return beside api_key
--- config
    location /secret/ {
        api_key proxy;
        return 200 "open";
    }
--- request
GET /secret/x
--- error_code: 200
--- response_body chomp
open
--- error_log eval
qr!\[warn\] .*"return" responds before "api_key" checks the key, in .*nginx\.conf:\d+!



=== TEST 8: in any form that lets somebody through
--- config
    location /a/ { return 200; api_key proxy; }
    location /b/ { api_key proxy; return 301 /a/; }
    location /c/ { api_key proxy; return https://example.com/; }
    location /d/ { api_key proxy; return $scheme://example.com/; }
    location /e/ { api_key proxy; rewrite ^ /a/ redirect; }
    location /f/ { api_key proxy; rewrite ^ /a/ permanent; }
    location /g/ { api_key proxy; rewrite ^ https://example.com/; }
    location /h/ { api_key proxy; if ($arg_a) { return 200 "open"; } empty_gif; }
--- grep_error_log eval: qr/"\w+" responds before/
--- grep_error_log_out
"return" responds before
"return" responds before
"return" responds before
"return" responds before
"rewrite" responds before
"rewrite" responds before
"rewrite" responds before
"return" responds before
--- error_log
responds before



=== TEST 9: contents under an api_key that is inherited
--- config
    api_key proxy;
    location /x/ { return 200 "open"; }
--- error_code: 401
--- error_log
"return" responds before "api_key" checks the key



=== TEST 10: of the server
--- http_config
    server { listen unix:$TEST_NGINX_SERVROOT/logs/other.sock; api_key proxy; return 200 "open"; }
--- config
--- error_log
"return" responds before "api_key" checks the key



=== TEST 11: what lets nobody through, or is meant for more than the key's place
--- http_config
    server { listen unix:$TEST_NGINX_SERVROOT/logs/other.sock; return 301 https://example.com$request_uri; }
--- config
    api_key proxy;
    location /a/ { return 403 "no"; }
    location /b/ { api_key proxy; return 503; }
    location /c/ { return 301 /d/; }
    location /d/ { api_key off; return 200 "open"; }
    location /e/ { api_key proxy; rewrite ^/e/(.*)$ /v1/$1 break; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /f/ { api_key proxy; if ($request_method = OPTIONS) { return 204; } proxy_pass $TEST_NGINX_UPSTREAM; }
    location /g/ { api_key proxy; if ($http_x_old) { return 301 /d/; } proxy_pass $TEST_NGINX_UPSTREAM; }
--- error_code: 401



=== TEST 12: return and rewrite are nginx's own
--- config
    location /a/ { return 201 "made"; }
    location /b/ { rewrite ^/b/(.*)$ /a/$1 last; }
--- request eval
["GET /a/x", "GET /b/x"]
--- error_code eval
[201, 201]
--- response_body eval
["made", "made"]



=== TEST 13: with their own words for what is wrong
--- config
    location /a/ { return nothing; }
--- must_die
--- error_log
invalid return code "nothing"



=== TEST 14: and the right number of them
--- config
    location /a/ { rewrite ^; }
--- must_die
--- error_log
invalid number of arguments in "rewrite" directive



=== TEST 15: a scope holds where nothing says which model a request uses: its keys are refused
--- http_config eval: $::plans
--- config
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /paid/ { api_key proxy; api_key_cost 0; proxy_pass $TEST_NGINX_UPSTREAM:/v1/; }
--- request eval
["POST /v1/echo\n{\"model\":\"o1\"}", "POST /v1/echo\n{\"model\":\"gpt-4o\"}", "POST /paid/echo\n{\"model\":\"o1\"}", "POST /v1/echo\n{\"model\":\"o1\"}"]
--- more_headers eval
["Authorization: Bearer $::scoped", "Authorization: Bearer $::planned", "Authorization: Bearer $::scoped", "Authorization: Bearer $::key"]
--- error_code eval
[403, 403, 403, 200]
--- response_body_like eval
[('^\{"error":"This API key may use some models alone, and which one a request uses is not known here"\}$') x 3, '.']
--- no_error_log
no such line



=== TEST 16: where plans name models, such places are warned of
--- http_config eval: $::plans
--- config
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }
--- error_log eval
qr!\[warn\] .*keys and plans restricted to models are rejected at "/v1/": use "api_key_model" .* in .*nginx\.conf:\d+!



=== TEST 17: unless it says that requests use none
--- http_config eval: $::plans
--- config
    api_key_model off;
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
["GET /v1/echo", "GET /v1/echo"]
--- more_headers eval
["Authorization: Bearer $::scoped", "Authorization: Bearer $::planned"]
--- error_code eval
[200, 200]
--- no_error_log eval: $::any



=== TEST 18: a meter says where its API has the model, with prices or without
--- config
    location /v1/ { api_key proxy; api_key_meter openai; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /v1beta/ { api_key proxy; api_key_meter gemini; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
["POST /v1/echo\n{\"model\":\"o1\"}", "POST /v1/echo\n{\"model\":\"gpt-4o\"}", "POST /v1beta/models/gemini-2.5-flash:generateContent\n{}"]
--- more_headers eval
"Authorization: Bearer $::scoped"
--- error_code eval
[403, 200, 403]



=== TEST 19: a key with a scope looks at itself
--- config
    location /api/ { api_key proxy billing; api_key_manage; }
--- request
GET /api/me
--- more_headers eval
"Authorization: Bearer $::scoped"
--- error_code: 200



=== TEST 20: a meter without a model has no price
--- http_config eval: $::prices
--- config
    location /v1/ { api_key proxy; api_key_meter openai; api_key_model off; proxy_pass $TEST_NGINX_UPSTREAM; }
--- must_die
--- error_log
"api_key_meter" cannot calculate prices with "api_key_model off", for "api_key" in



=== TEST 21: files with secrets that everybody can read
--- bare
--- http_config
    api_key_pepper $TEST_NGINX_SERVROOT/html/pepper;
    api_key_alert http://127.0.0.1:1/ secret_file=$TEST_NGINX_SERVROOT/html/secret;
    api_key_redis redis://127.0.0.1:1 password_file=$TEST_NGINX_SERVROOT/html/secret;
--- user_files
>>> pepper
1:00112233445566778899aabbccddeeff
>>> secret
hush
--- config
--- grep_error_log eval: qr!"[^"]*/(?:pepper|secret)" contains secrets and is readable by everybody in .*nginx.conf:!
--- grep_error_log_out eval
qr!/pepper" contains.*/secret" contains.*/secret" contains!s
--- no_error_log
hush



=== TEST 22: one that is its owner's alone
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- no_error_log
has secrets



=== TEST 23: the default price of a model that has none
--- http_config eval
"api_key_prices $ENV{TEST_DIRECTORY}/warning-prices.json default=nosuch;"
--- config
--- must_die
--- error_log
the prices file has no such model: "default=nosuch"
