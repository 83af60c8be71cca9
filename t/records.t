use lib 't/lib';
use ApiKeyTest 'no_plan';

# What is asked of the request log, the series and the security log; tests/scenarios/records.js has what is in them.

our $account = create_account();
our $manager = create_key(account => $account, type => 'billing');
our ($key, $id) = create_key(account => $account);

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM:/; }
    location /gif/ { api_key proxy; empty_gif; }
    location /open/ { empty_gif; }
    location /api/ { api_key billing; api_key_manage; }
_EOC_
    $block->set_value('more_headers', "Authorization: Bearer $::manager") if !defined $block->more_headers;
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: every answer names its request
--- more_headers eval: "Authorization: Bearer $::key"
--- request
GET /gif/
--- response_headers_like
X-Request-Id: [0-9a-f]{32}



=== TEST 2: a refusal too
--- more_headers
--- request
GET /gif/
--- error_code: 401
--- response_headers_like
X-Request-Id: [0-9a-f]{32}



=== TEST 3: not where no key is asked for
--- request
GET /open/
--- response_headers
! X-Request-Id



=== TEST 4: it is $request_id, everywhere
--- config
    location /gif/ { api_key proxy; add_header X-Same $request_id; empty_gif; }
    location /early/ { set $mine $request_id; add_header X-Same $mine; api_key proxy; empty_gif; }
--- more_headers eval: "Authorization: Bearer $::key"
--- request eval
["GET /gif/", "GET /early/"]
--- raw_response_headers_like eval
[qr/X-Request-Id: ([0-9a-f]{32})\r\n(.*\r\n)*X-Same: \1|X-Same: ([0-9a-f]{32})\r\n(.*\r\n)*X-Request-Id: \3/, qr/X-Request-Id: ([0-9a-f]{32})\r\n(.*\r\n)*X-Same: \1|X-Same: ([0-9a-f]{32})\r\n(.*\r\n)*X-Request-Id: \3/]



=== TEST 5: the upstream's own is replaced
--- config
    location /v1/ { api_key proxy; proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/upstream/; }
    location /upstream/ { add_header X-Request-ID theirs; return 200 "fine"; }
--- more_headers eval: "Authorization: Bearer $::key"
--- request
GET /v1/
--- response_headers_like
X-Request-ID: [0-9a-f]{32}
--- response_body: fine



=== TEST 6: wrong arguments name themselves
--- request eval
["GET /api/logs?status=99", "GET /api/logs?from=yesterday", "GET /api/logs?cursor=x", "GET /api/logs?limit=0", "GET /api/logs?format=xml",
 "GET /api/logs?key=x", "GET /api/usage?bucket=week", "GET /api/usage?group_by=name", "GET /api/usage?from=2020-01-01T00:00:00Z",
 "GET /api/usage?group_by=model&category=a", "GET /api/audit?from=1", "GET /api/keys/$::id/usage?bucket=x", "GET /api/keys/$::id/logs?status=1",
 "GET /api/audit?verify=yes", "GET /api/usage?limit=0"]
--- error_code eval
[(400) x 15]
--- response_body_like eval
["status: ", "from: ", "cursor: ", "limit: ", "format: ", "key: ", "bucket: ", "group_by: ", "from: ", "group_by: ", "from: ", "bucket: ", "status: ", "verify: ", "limit: "]



=== TEST 7: they are read, not written
--- request eval
["POST /api/logs", "DELETE /api/audit", "PUT /api/usage", "POST /api/keys/$::id/logs", "GET /api/logs/7", "GET /api/audit/x"]
--- error_code eval
[405, 405, 405, 405, 404, 404]



=== TEST 8: a proxy key sees none of it
--- more_headers eval: "Authorization: Bearer $::key"
--- request eval
["GET /api/logs", "GET /api/audit", "GET /api/usage"]
--- error_code eval
[403, 403, 403]



=== TEST 9: wrong directives are refused
--- http_config
    api_key_log_keep count=0;
--- must_die
--- error_log
invalid number, expected count= and 1 to 10000000: "count=0"



=== TEST 10: and so are other arguments
--- http_config
    api_key_log_keep forever;
--- must_die
--- error_log
invalid parameter, expected count=NUMBER age=TIME: "forever"



=== TEST 11: twice
--- http_config
    api_key_log_keep age=1d;
    api_key_log_keep count=5;
--- must_die
--- error_log
"api_key_log_keep" directive is duplicate



=== TEST 12: log only here
--- config
    location /gif/ { api_key proxy; api_key_log off; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }
--- more_headers eval: "Authorization: Bearer $::key"
--- request
GET /gif/
--- response_headers_like
X-Request-Id: [0-9a-f]{32}



=== TEST 13: the security log says whether it is what was written
--- request
GET /api/audit?verify=true&limit=1
--- response_body_like chomp
^\{"entries":\[\{"number":.*\],"next":"(\d+)","chain":\{"entries":\1,"verified":\1,"intact":true,"head":"\1:1:[0-9a-f]{64}"\}\}$
