use lib 't/lib';
use ApiKeyTest 'no_plan';
use MIME::Base64 ();

our $account = create_account();
our $key = create_key(account => $account);
our $stray = create_key(account => $account); # where no key may stand
sub encoded { return join '', map { sprintf '%%%02X', ord } split //, shift }
our $encoded = encoded($key);
our $stray_encoded = encoded($stray);

# A request and its headers for each place. A stray key in it is data: it goes on, but into no log.
our @stray = (
    ["GET /v1/echo?key=$stray"],
    ["GET /v1/echo?a=1&other=$stray_encoded"],
    ["GET /v1/echo/$stray/x"],
    ["GET /v1/echo/$stray_encoded"],
    ["GET /v1/echo/m%73%2d" . substr($stray, 3)],
    ["GET http://localhost/v1/echo/$stray?x=$stray"],
    ["GET /v1/echo", "X-Api-Key: $stray"],
    ["GET /v1/echo", "X-Other: a $stray, b"],
    ["GET /v1/echo", "Cookie: a=b; id=$stray; c=d"],
    ["GET /v1/echo", "Referer: http://x/$stray/y?key=$stray_encoded"],
    ["GET /v1/echo", "User-Agent: curl/$stray"],
    ["POST /v1/echo\n$stray"],
);
our @stray_seen = ($stray, $stray_encoded, $stray, $stray_encoded, 'm%73%2d' . substr($stray, 3), ($stray) x 7);
our $basic = MIME::Base64::encode_base64("$stray:", '');
sub stray_requests { return [map { $_->[0] } @stray] }
sub stray_headers { my @headers = @_; return [map { my ($request, @more) = @$_; join "\n", @headers, @more } @stray] }

# ApiKeyTest looks into both logs after every block: a key in one of them fails it.
add_block_preprocessor(sub {
    my $block = shift;
    my $log_format = <<'_EOC_';
    log_format all '$request|$request_uri|$uri|$document_uri|$request_filename|$args|$query_string|$arg_key|$arg_other|$remote_user|$host|'
                   '$http_authorization|$http_x_api_key|$http_x_other|$http_cookie|$cookie_id|$http_referer|$http_user_agent|$http_host|'
                   '$request_body|$sent_http_location|$api_key_model|$status|$api_key_result';
    access_log logs/access.log all;
_EOC_
    $block->set_value('http_config', $log_format . ($block->http_config // ''));
    # what the pattern of ApiKeyTest does not see: encoded letters
    $block->set_value('no_access_log', [grep { length } $block->no_access_log // (), map { substr $_, -20 } $::encoded, $::stray_encoded, $::basic]);
    $block->set_value('no_error_log', [grep { length } $block->no_error_log // (), map { substr $_, -20 } $::encoded, $::stray_encoded, $::basic]);
});
run_tests();

__DATA__

=== TEST 1: an admitted request: the arguments, the referrer and the headers
--- config
    location /v1/ { api_key proxy; api_key_from bearer header=x-api-key query=key; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
["GET /v1/echo?a=1&key=$::key", "GET /v1/echo?%6bey=$::encoded", "GET /v1/echo", "GET /v1/echo"]
--- more_headers eval
["Referer: http://x/?key=$::key", "", "Authorization: Bearer $::key", "X-Api-Key: $::key"]
--- error_code eval
[200, 200, 200, 200]



=== TEST 2: a refused request, and one that never reaches the access phase
--- config
    location /v1/ { api_key proxy; api_key_from bearer query=key; empty_gif; }
    location /early { api_key proxy; api_key_from bearer query=key; return 204; }
    location /open { empty_gif; }
--- request eval
["GET /v1/x?key=$::key&key=$::key", "GET /early?key=$::key", "GET /open?key=$::key", "GET /open"]
--- more_headers eval
["", "Authorization: Bearer $::key", "", "Authorization: Bearer $::key"]
--- error_code eval
[400, 204, 200, 200]



=== TEST 3: nginx's own complaints: two Authorization lines
--- config
    location /v1/ { api_key proxy; api_key_from bearer query=key; empty_gif; }
--- raw_request eval
"GET /v1/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer $::key\r\nAuthorization: Bearer $::key\r\nConnection: close\r\n\r\n"
--- error_code: 400



=== TEST 4: a line too long
--- config
    large_client_header_buffers 4 1k;
    location /v1/ { api_key proxy; api_key_from bearer query=key; empty_gif; }
--- raw_request eval
"GET /v1/$::stray/x?key=$::key&" . ("a" x 3000) . " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
--- error_code: 414



=== TEST 5: no Host
--- config
    location /v1/ { api_key proxy; api_key_from bearer query=key; empty_gif; }
--- raw_request eval
"GET /v1/x?key=$::key HTTP/1.1\r\nConnection: close\r\n\r\n"
--- error_code: 400



=== TEST 6: an upstream that is down, with the key passed on
--- config
    location /v1/ { api_key proxy; api_key_forward on; api_key_from query=key; proxy_pass http://127.0.0.1:1; }
--- request eval
"GET /v1/x?key=$::key"
--- error_code: 502
--- error_log
Connection refused



=== TEST 7: a key where none may stand goes upstream as it came, and into no log
--- config
    location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval: ::stray_requests()
--- more_headers eval: ::stray_headers("Authorization: Bearer $::key")
--- error_code eval: [(200) x @::stray]
--- response_body_like eval: [map { qr/\Q$_\E/ } @::stray_seen]



=== TEST 8: the same where no key is asked for
--- config
    location /v1/ { proxy_pass $TEST_NGINX_UPSTREAM; }
    location /keys/ { api_key proxy; empty_gif; }
--- request eval: ::stray_requests()
--- more_headers eval: ::stray_headers("Authorization: Bearer $::stray")
--- error_code eval: [(200) x @::stray]
--- response_body_like eval: [map { qr/\Q$_\E/ } @::stray_seen]



=== TEST 9: the same in another server
--- http_config
    server { listen 127.0.0.1:$TEST_NGINX_SERVER_PORT; server_name other.example; location / { proxy_pass $TEST_NGINX_UPSTREAM; } }
--- config
    location /keys/ { api_key proxy; empty_gif; }
--- request eval: [grep { !m{http://} } @{::stray_requests()}]
--- more_headers eval: [map { $::stray[$_][0] =~ m{http://} ? () : ::stray_headers("Host: other.example")->[$_] } 0 .. $#::stray]
--- error_code eval: [(200) x (@::stray - 1)]



=== TEST 10: the same refused: without a key, before the access phase, by an upstream that is down
--- http_config
    limit_req_zone $uri zone=none:1m rate=1r/m;
--- config
    location /v1/ { api_key proxy; proxy_pass http://127.0.0.1:1; }
    location /early/ { api_key proxy; return 404; }
    location /limited/ { api_key proxy; limit_req zone=none; empty_gif; }
    location /moved { api_key off; return 301 /to$request_uri; }
--- request eval
["GET /v1/$::stray?key=$::stray", "GET /v1/$::stray?key=$::stray_encoded", "GET /early/$::stray?$::stray", "GET /limited/$::stray",
 "GET /limited/$::stray", "GET /moved/$::stray", "GET /none/$::stray"]
--- more_headers eval
["", "Authorization: Bearer $::key", "X-Api-Key: $::stray", "Authorization: Bearer $::key", "Authorization: Bearer $::key", "", ""]
--- error_code eval
[401, 502, 404, 200, 503, 301, 404]



=== TEST 11: what nginx itself refuses: no Host
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- raw_request eval
"GET /v1/$::stray HTTP/1.1\r\nConnection: close\r\n\r\n"
--- error_code: 400



=== TEST 12: two Hosts
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- raw_request eval
"GET /v1/$::stray HTTP/1.1\r\nHost: x\r\nHost: y\r\nX-Api-Key: $::stray\r\nConnection: close\r\n\r\n"
--- error_code: 400



=== TEST 13: a line that is none
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- raw_request eval
"GET $::stray HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
--- error_code: 400



=== TEST 14: a length that is none
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- raw_request eval
"POST /v1/$::stray HTTP/1.1\r\nHost: $::stray\r\nContent-Length: $::stray\r\nConnection: close\r\n\r\n"
--- error_code: 400



=== TEST 15: Basic authentication with a key for its name
--- config
    location /v1/ { api_key proxy; empty_gif; }
    location /open/ { empty_gif; }
--- request eval
["GET /v1/x", "GET /open/x"]
--- more_headers eval
["Authorization: Basic $::basic", "Authorization: Basic $::basic"]
--- error_code eval
[401, 200]



=== TEST 16: variables that were read before the access phase have the key neither in a log nor for the upstream
--- http_config
    map $http_x_api_key $mapped { default "x$http_x_api_key"; }
    limit_req_zone $http_authorization zone=a:1m rate=1000r/s;
    limit_req_zone $mapped zone=b:1m rate=1000r/s;
    limit_req_zone $arg_key$args$query_string$request_uri$request zone=c:1m rate=1000r/s;
    limit_conn_zone $http_referer$http_cookie zone=d:1m;
    log_format early '$http_authorization|$http_x_api_key|$mapped|$kept|$arg_key|$args|$query_string|$request_uri|$request';
--- config
    access_log logs/access.log early;
    set $kept "$http_authorization $http_x_api_key $arg_key";
    limit_req zone=a burst=100 nodelay;
    limit_req zone=b burst=100 nodelay;
    limit_req zone=c burst=100 nodelay;
    limit_conn d 100;
    proxy_set_header X-Copies "$http_authorization|$http_x_api_key|$mapped|$kept|$arg_key|$args|$query_string|$request_uri";
    location /v1/ { api_key proxy; api_key_from bearer header=x-api-key query=key; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
["GET /v1/echo?a=1&key=$::key", "GET /v1/echo?%6bey=$::encoded", "GET /v1/echo", "GET /v1/echo"]
--- more_headers eval
["", "", "Authorization: Bearer $::key", "X-Api-Key: $::key"]
--- error_code eval
[200, 200, 200, 200]
--- response_body_unlike eval
[(qr/${\substr $::key, 8}|${\substr $::encoded, -20}/) x 4]



=== TEST 17: what the operator has set goes on as it is
--- http_config
    map $uri $own { default "Bearer ms-THEOPERATORSOWNKEY00"; }
--- config
    set $early $http_authorization;
    set $own_set "ms-THEOPERATORSOWNKEY11";
    location /v1/ {
        api_key proxy;
        limit_rate_after 1;
        proxy_set_header Authorization $own;
        proxy_set_header X-Own $own_set;
        proxy_pass $TEST_NGINX_UPSTREAM;
    }
--- request
GET /v1/echo
--- more_headers eval: "Authorization: Bearer $::key"
--- response_body_like: "authorization":"Bearer ms-THEOPERATORSOWNKEY00".*"ms-THEOPERATORSOWNKEY11"



=== TEST 18: the key passed on is in no log
--- config
    location /v1/ { api_key proxy; api_key_forward on; api_key_from bearer header=x-api-key query=key; proxy_pass $TEST_NGINX_UPSTREAM; }
--- request eval
["GET /v1/echo?a=1&key=$::key", "GET /v1/echo", "GET /v1/echo"]
--- more_headers eval
["", "Authorization: Bearer $::key", "X-Api-Key: $::key"]
--- error_code eval
[200, 200, 200]
--- response_body_like eval
[(qr/\Q$::key\E/) x 3]



=== TEST 19: a subrequest that is logged shows no key, and takes nothing from its main request
--- config
    log_subrequest on;
    location /v1/ { api_key proxy; api_key_forward on; api_key_from header=x-api-key; auth_request /ask; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /plain/ { auth_request /ask; proxy_pass $TEST_NGINX_UPSTREAM:/; }
    location = /ask { internal; api_key off; return 204; }
--- request eval
["GET /v1/echo/$::stray?key=$::stray", "GET /plain/echo/$::stray?key=$::stray"]
--- more_headers eval
["X-Api-Key: $::key\r\nAuthorization: Bearer $::stray\r\nX-Other: $::stray", "Authorization: Bearer $::stray\r\nX-Other: $::stray"]
--- error_code eval
[200, 200]
--- response_body_like eval
[qr/$::stray\?key=$::stray.*"authorization":"Bearer $::stray/, qr/$::stray\?key=$::stray.*"authorization":"Bearer $::stray/]
