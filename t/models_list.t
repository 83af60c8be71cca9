use lib 't/lib';
use ApiKeyTest 'no_plan';

our $plans = "$ENV{TEST_DIRECTORY}/models-list-plans.json";
open my $file, '>', $plans or die $!;
print $file '{"plans": {"openai": {"models": ["gpt-*"]}}}';
close $file;

our $account = create_account();
our $free = create_key(account => $account);
our ($scoped, $id) = create_key(account => $account);
redis_cli('HSET', "ak:{k}:$id", 'models', "gpt-4o-mini\ngemini-2.5*\nclaude-haiku*");
our $planned = create_key(account => create_account(plan => 'openai'));

our $openai = '{"object":"list","data":[{"id":"gpt-4o","created":1},{"id":"gpt-4o-mini","created":2},{"id":"claude-haiku-4"}]}';
our $anthropic = '{"data":[{"type":"model","id":"claude-haiku-4"},{"type":"model","id":"claude-opus-4"}],"has_more":false,"last_id":"claude-opus-4"}';
our $gemini = '{"models":[{"name":"models/gemini-2.5-pro","topP":0.95},{"name":"models/embedding-001"}],"nextPageToken":"x"}';

our %list = (openai => $openai, anthropic => $anthropic, gemini => $gemini, bad => '{"data":[', one => '{"id":"gpt-4o"}');
my $upstream = join '', map { "    location = /upstream/$_ { default_type application/json; add_header ETag '\"x\"'; return 200 '$list{$_}'; }\n" } keys %list;
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', "api_key_plans $::plans;");
    $block->set_value('config', ($block->config // '') . <<'_EOC_' . $upstream);
    location /v1/ { api_key proxy; api_key_models_list on; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/upstream/; }
    location /all/ { api_key proxy; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/upstream/; }
    location = /upstream/text { default_type text/html; return 200 '<html>'; }
    location = /upstream/missing { default_type application/json; return 404 '{"error":"no"}'; }
_EOC_
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a key with models sees what it may use, in the three APIs' lists
--- request eval
["GET /v1/openai", "GET /v1/anthropic", "GET /v1/gemini"]
--- more_headers eval
"Authorization: Bearer $::scoped\nAccept-Encoding: gzip"
--- response_body eval
['{"object":"list","data":[{"id":"gpt-4o-mini","created":2},{"id":"claude-haiku-4"}]}',
 '{"data":[{"type":"model","id":"claude-haiku-4"}],"has_more":false,"last_id":"claude-opus-4"}',
 '{"models":[{"name":"models/gemini-2.5-pro","topP":0.95}],"nextPageToken":"x"}']
--- response_headers eval
["Content-Length: 83\nETag:", "Content-Length: 92\nETag:", "Content-Length: 77\nETag:"]



=== TEST 2: so does a key whose plan names models
--- request
GET /v1/openai
--- more_headers eval
"Authorization: Bearer $::planned"
--- response_body chomp
{"object":"list","data":[{"id":"gpt-4o","created":1},{"id":"gpt-4o-mini","created":2}]}



=== TEST 3: a key that may use all, and a place without the directive, have the upstream's list
--- request eval
["GET /v1/openai", "GET /all/openai"]
--- more_headers eval
["Authorization: Bearer $::free", "Authorization: Bearer $::scoped"]
--- response_body eval
[($::openai) x 2]



=== TEST 4: what is no list passes: one model, another type of content, an error
--- request eval
["GET /v1/one", "GET /v1/text", "GET /v1/missing"]
--- more_headers eval
"Authorization: Bearer $::scoped"
--- error_code eval
[200, 200, 404]
--- response_body eval
['{"id":"gpt-4o"}', '<html>', '{"error":"no"}']



=== TEST 5: what cannot be read is not shown
--- request
GET /v1/bad
--- more_headers eval
"Authorization: Bearer $::scoped"
--- error_code: 502
--- error_log
the list of models cannot be filtered: it is no JSON object



=== TEST 6: a HEAD says no length
--- request
HEAD /v1/openai
--- more_headers eval
"Authorization: Bearer $::scoped"
--- error_code: 200
--- response_headers
Content-Length:



=== TEST 7: refusals are as ever
--- request
GET /v1/openai
--- error_code: 401
--- response_body chomp
{"error":"Missing API Key"}
