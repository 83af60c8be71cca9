use lib 't/lib';
use ApiKeyTest 'no_plan';

# What the page says; tests/scenarios/metrics.js has what it counts.

our $account = create_account();
our $key = create_key(account => $account);

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location /gif/ { api_key proxy; empty_gif; }
    location = /metrics { api_key_metrics; }
    location = /top { api_key_metrics top=5; }
_EOC_
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: every result from the start
--- request
GET /metrics
--- response_headers
Content-Type: text/plain; version=0.0.4; charset=utf-8
--- response_body_like eval
qr/^# HELP api_key_requests_total .*\n# TYPE api_key_requests_total counter\napi_key_requests_total\{result="ok"\} 0\napi_key_requests_total\{result="missing_key"\} 0\n(.*\n)*api_key_log_records_dropped_total 0\n/



=== TEST 2: no label of a key unless asked for
--- request eval
["GET /gif/", "GET /metrics"]
--- more_headers eval
"Authorization: Bearer $::key"
--- response_body_unlike eval
["nothing", 'key="']



=== TEST 3: the busiest
--- request eval
["GET /gif/", "GET /gif/", "GET /top"]
--- more_headers eval
"Authorization: Bearer $::key"
--- response_body_like eval
["", "", 'api_key_key_requests_total\{key="1"\} 2\n']



=== TEST 4: it is read
--- request
POST /metrics
--- error_code: 405



=== TEST 5: behind allow and deny, as any place
--- config
    location /gif/ { api_key proxy; empty_gif; }
    location = /metrics { deny all; api_key_metrics; }
--- request
GET /metrics
--- error_code: 403



=== TEST 6: wrong arguments are refused
--- config
    location /gif/ { api_key proxy; empty_gif; }
    location = /metrics { api_key_metrics top=0; }
--- must_die
--- error_log
invalid parameter, expected top= and 1 to 1000: "top=0"



=== TEST 7: an alert needs a secret
--- http_config
    api_key_alert http://127.0.0.1/ secret=x;
--- must_die
--- error_log
invalid parameter, expected a URL, secret_file=FILE and dashboard=URL: "secret=x"



=== TEST 8: and a URL
--- http_config
    api_key_alert ftp://127.0.0.1/ secret_file=$TEST_NGINX_PEPPER;
--- must_die
--- error_log
invalid URL, expected http:// or https://: "ftp://127.0.0.1/"
