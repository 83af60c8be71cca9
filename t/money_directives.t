use lib 't/lib';
use ApiKeyTest 'no_plan';

# Prices, costs and reserves that cannot be meant.

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', default_http_config()) if !defined $block->http_config;
});
run_tests();

__DATA__

=== TEST 1: wrong configuration
--- config
    location / { api_key proxy; api_key_cost $upstream_http_x_cost; }
--- must_die
--- error_log eval
qr/"api_key_cost \$upstream_http_x_cost" needs "api_key_reserve": its value is not known before the response, in .*nginx\.conf:\d+/



=== TEST 2: a wrong amount
--- config
    location / { api_key proxy; api_key_cost -1; }
--- must_die
--- error_log eval
qr/invalid amount, expected credits with at most six decimals, or a variable: "-1" in .*nginx\.conf:\d+/



=== TEST 3: a reserve of nothing
--- config
    location / { api_key proxy; api_key_cost $upstream_http_x_cost; api_key_reserve 0.000; }
--- must_die
--- error_log eval
qr/invalid amount, expected more than 0 \(use api_key_cost 0 for a location that is free\): "0.000" in .*nginx\.conf:\d+/



=== TEST 4: a price that cannot be
--- user_files
>>> wrong.json
{"m": {"input_cost_per_token": -0.1, "output_cost_per_token": 1}}
--- http_config eval
main::default_http_config() . "api_key_prices ../html/wrong.json;"
--- config
    location / { api_key proxy; }
--- must_die
--- error_log eval
qr/invalid prices file "[^"]*wrong\.json": m\.input_cost_per_token: expected a price from 0 to 1 per token in .*nginx\.conf:\d+/
