use lib 't/lib';
use ApiKeyTest 'no_plan';

# Subrequests run the filters and, under log_subrequest, the log phase: what the module does there is of the main request alone.

my $prices = "$ENV{TEST_DIRECTORY}/prices-subrequests.json";
open my $file, '>', $prices or die $!;
print $file '{"gpt-4o-mini": {"input_cost_per_token": 1e-3, "output_cost_per_token": 2e-3, "max_output_tokens": 100, "max_input_tokens": 2000}}';
close $file;

our $account = create_account();
our $key = create_key(account => $account);
our $manager = create_key(account => $account, type => 'billing');
apikeyctl('account', 'topup', $account, '--amount', '1000', '--reference', 'first');

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', default_http_config() . <<"_EOC_" . ($block->http_config // ''));
    api_key_prices $prices;
    log_format lines '\$uri \$http_authorization \$request_uri cost=\$api_key_cost key=\$api_key_id result=\$api_key_result';
_EOC_
    $block->set_value('config', <<'_EOC_' . ($block->config // ''));
    access_log logs/access.log lines;
    log_subrequest on;
    api_key_from bearer query=key;
    location /sub { internal; proxy_pass $TEST_NGINX_UPSTREAM:/echo; }
    location = /empty { internal; return 204; }
    location /asks { api_key proxy; empty_gif; }
_EOC_
    $block->set_value('more_headers', "Authorization: Bearer $::key\nContent-Type: application/json") if !defined $block->more_headers;
    $block->set_value('request', <<'_EOC_') if !defined $block->request;
POST /v1/chat/completions
{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}
_EOC_
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a mirrored request costs what it costs without
--- config
    location /v1/ { api_key proxy; api_key_meter openai; mirror /sub; proxy_pass $TEST_NGINX_UPSTREAM; }
--- access_log eval
[qr{/v1/chat/completions - \S+ cost=0\.010000 key=\d+ result=ok}, qr{/sub - \S+ cost= key=\d+ result=ok}]



=== TEST 2: … one that auth_request looks at first
--- config
    location /v1/ { api_key proxy; api_key_meter openai; auth_request /empty; proxy_pass $TEST_NGINX_UPSTREAM; }
--- access_log eval
[qr{/v1/chat/completions - \S+ cost=0\.010000 key=\d+ result=ok}, qr{/empty - \S+ cost= key=\d+ result=ok}]



=== TEST 3: … one with something added before and after
--- config
    location /v1/ {
        api_key proxy;
        api_key_meter openai;
        addition_types application/json;
        add_before_body /sub;
        add_after_body /sub;
        proxy_pass $TEST_NGINX_UPSTREAM;
    }
--- response_body_like: "url".*"usage".*"url"
--- access_log eval
[qr{/v1/chat/completions - \S+ cost=0\.010000 key=\d+ result=ok}, qr{/sub - \S+ cost= key=\d+ result=ok}]



=== TEST 4: … one with server-side includes, each of them guarded and metered by itself
--- user_files
>>> page/index.html
<!--#include virtual="/guarded/echo?1" --> and <!--#include virtual="/guarded/echo?2" -->
--- config
    location /page/ { api_key proxy; api_key_meter openai; api_key_cost 0.5; ssi on; root html; }
    location /guarded/ { api_key proxy; api_key_meter openai; api_key_cost 0.25; proxy_pass $TEST_NGINX_UPSTREAM:/; }
--- request
GET /page/index.html
--- more_headers eval
"Authorization: Bearer $::key"
--- response_body_like: "url".* and .*"url"
--- access_log eval
[qr{/page/index.html - \S+ cost=0\.500000 key=\d+ result=ok}, qr{/guarded/echo - \S+ cost= key=\d+ result=ok}]



=== TEST 5: … one that is cut into slices
--- user_files
>>> large
0123456789012345678901234567890123456789
--- config
    location = /v1/x { api_key proxy; api_key_cost 0.5; slice 10; proxy_set_header Range $slice_range; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/large; }
    location = /large { root html; }
--- request
GET /v1/x
--- more_headers eval
"Authorization: Bearer $::key"
--- response_body
0123456789012345678901234567890123456789
--- access_log eval
[qr{/v1/x - \S+ cost=0\.500000 key=\d+ result=ok}, qr{/v1/x - \S+ cost= key=\d+ result=ok}]



=== TEST 6: what was charged so far: each request once, no subrequest
--- config
    location /api/ { api_key_from bearer; api_key billing; api_key_manage; }
--- request
GET /api/balance
--- more_headers eval
"Authorization: Bearer $::manager"
--- response_body_like: "balance":"998\.970000"



=== TEST 7: a place without api_key: what it passes on is what came, whatever a subrequest's line says
--- config
    location /plain/ { auth_request /sub; proxy_pass $TEST_NGINX_UPSTREAM:/; }
--- request
GET /plain/echo?key=other
--- more_headers
Authorization: Bearer of-another-service
--- response_body_like: "url":"/echo\?key=other".*"authorization":"Bearer of-another-service"
--- access_log
/sub *** /plain/echo?key=*** cost= key= result=
/plain/echo *** /plain/echo?key=*** cost= key= result=



=== TEST 8: … nor what auth_request takes from it, or a map
--- http_config
    map $http_authorization $seen { default ""; "~^(.+)$" "$1"; }
--- config
    location /plain/ {
        auth_request /sub;
        auth_request_set $taken $http_authorization;
        proxy_set_header X-Taken $taken;
        proxy_set_header X-Seen $seen;
        proxy_set_header X-Path $request_uri;
        proxy_pass $TEST_NGINX_UPSTREAM:/;
    }
--- request
GET /plain/echo?key=other
--- more_headers
Authorization: Bearer of-another-service
--- response_body_like eval
qr/"x-taken":"Bearer of-another-service".*"x-seen":"Bearer of-another-service".*"x-path":"\/plain\/echo\?key=other"/



=== TEST 9: … nor a key that is passed on
--- config
    location /v1/ { api_key proxy; api_key_forward on; auth_request /sub; proxy_pass $TEST_NGINX_UPSTREAM:/; }
--- request
GET /v1/echo
--- more_headers eval
"Authorization: Bearer $::key"
--- response_body_like eval
qr/"authorization":"Bearer \Q$::key\E"/



=== TEST 10: a mirrored request brings its key and its arguments there too
--- config
    location /plain/ { mirror /sub; proxy_pass $TEST_NGINX_UPSTREAM:/; }
--- request
GET /plain/echo?key=other
--- more_headers
Authorization: Bearer of-another-service
--- response_body_like: "url":"/echo\?key=other".*"authorization":"Bearer of-another-service"



=== TEST 11: the request's id is the same in all of its lines
--- http_config
    log_format ids '$uri $of_subrequest $request_id';
--- config
    location /plain/ { access_log logs/access.log ids; auth_request /ids; auth_request_set $of_subrequest $request_id; empty_gif; }
    location = /ids { access_log logs/access.log ids; internal; return 204; }
--- request
GET /plain/
--- access_log eval
qr{^/plain/ ([0-9a-f]{32}) \1$}
