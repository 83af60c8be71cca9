use lib 't/lib';
use ApiKeyTest 'no_plan';
use Compress::Zlib ();

our $account = create_account();
our $key = create_key(account => $account);
our %key = create_other_keys(account => $account);
our $manager = create_key(account => $account, type => 'billing');
our @formats = qw(simple openai anthropic gemini problem);
our @content_types = (('application/json') x 4, 'application/problem+json');
our $requests = [map { "GET /$_/x" } @formats];
our $gunzip = sub { Compress::Zlib::memGunzip($_[0]) // $_[0] };

my $locations = join '', map { "    location /$_/ { api_key_error_format $_; empty_gif; }\n" } @formats;
# FORMATS in a config: a location for each
add_block_preprocessor(sub {
    my $block = shift;
    (my $config = $block->config // 'FORMATS') =~ s/^FORMATS$/    api_key proxy;\n$locations/m;
    $block->set_value('config', $config);
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: 401, no key: a bare challenge
--- request eval
$::requests
--- error_code eval
[(401) x 5]
--- response_headers eval
[map { "WWW-Authenticate: Bearer realm=\"api\"\nRetry-After:\nX-Should-Retry: false\nCache-Control: no-store\nContent-Type: $_" } @::content_types]
--- response_headers_like
X-Request-Id: [0-9a-f]{32}
--- response_body_like eval
['^\{"error":"Missing API Key"\}$',
 '^\{"error":\{"message":"Missing API Key","type":"invalid_request_error","param":null,"code":"missing_key"\}\}$',
 '^\{"type":"error","error":\{"type":"authentication_error","message":"Missing API Key"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":401,"message":"Missing API Key","status":"UNAUTHENTICATED"\}\}$',
 '^\{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Missing API Key","code":"missing_key","request_id":"[0-9a-f]{32}"\}$']



=== TEST 2: 401, an unknown key
--- request eval
$::requests
--- more_headers eval
[("Authorization: Bearer $::key{deleted}") x 5]
--- error_code eval
[(401) x 5]
--- response_headers eval
[map { "WWW-Authenticate: Bearer realm=\"api\", error=\"invalid_token\"\nRetry-After:\nX-Should-Retry: false\nCache-Control: no-store\nContent-Type: $_" } @::content_types]
--- response_headers_like
X-Request-Id: [0-9a-f]{32}
--- response_body_like eval
['^\{"error":"Invalid API Key"\}$',
 '^\{"error":\{"message":"Invalid API Key","type":"invalid_request_error","param":null,"code":"invalid_api_key"\}\}$',
 '^\{"type":"error","error":\{"type":"authentication_error","message":"Invalid API Key"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":401,"message":"Invalid API Key","status":"UNAUTHENTICATED"\}\}$',
 '^\{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Invalid API Key","code":"invalid_api_key","request_id":"[0-9a-f]{32}"\}$']



=== TEST 3: 401, a malformed key
--- request eval
$::requests
--- more_headers eval
[("Authorization: Bearer ms-short") x 5]
--- error_code eval
[(401) x 5]
--- response_headers eval
[map { "WWW-Authenticate: Bearer realm=\"api\", error=\"invalid_token\"\nRetry-After:\nX-Should-Retry: false\nCache-Control: no-store\nContent-Type: $_" } @::content_types]
--- response_headers_like
X-Request-Id: [0-9a-f]{32}
--- response_body_like eval
['^\{"error":"Invalid API Key"\}$',
 '^\{"error":\{"message":"Invalid API Key","type":"invalid_request_error","param":null,"code":"invalid_api_key"\}\}$',
 '^\{"type":"error","error":\{"type":"authentication_error","message":"Invalid API Key"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":401,"message":"Invalid API Key","status":"UNAUTHENTICATED"\}\}$',
 '^\{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Invalid API Key","code":"invalid_api_key","request_id":"[0-9a-f]{32}"\}$']



=== TEST 4: 401, an expired key
--- request eval
$::requests
--- more_headers eval
[("Authorization: Bearer $::key{expired}") x 5]
--- error_code eval
[(401) x 5]
--- response_headers eval
[map { "WWW-Authenticate: Bearer realm=\"api\", error=\"invalid_token\"\nRetry-After:\nX-Should-Retry: false\nCache-Control: no-store\nContent-Type: $_" } @::content_types]
--- response_headers_like
X-Request-Id: [0-9a-f]{32}
--- response_body_like eval
['^\{"error":"Expired API Key"\}$',
 '^\{"error":\{"message":"Expired API Key","type":"invalid_request_error","param":null,"code":"expired_key"\}\}$',
 '^\{"type":"error","error":\{"type":"authentication_error","message":"Expired API Key"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":401,"message":"Expired API Key","status":"UNAUTHENTICATED"\}\}$',
 '^\{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Expired API Key","code":"expired_key","request_id":"[0-9a-f]{32}"\}$']



=== TEST 5: 403, an inactive key: no challenge
--- request eval
$::requests
--- more_headers eval
[("Authorization: Bearer $::key{inactive}") x 5]
--- error_code eval
[(403) x 5]
--- response_headers eval
[map { "WWW-Authenticate:\nRetry-After:\nX-Should-Retry: false\nCache-Control: no-store\nContent-Type: $_" } @::content_types]
--- response_headers_like
X-Request-Id: [0-9a-f]{32}
--- response_body_like eval
['^\{"error":"Inactive API Key"\}$',
 '^\{"error":\{"message":"Inactive API Key","type":"invalid_request_error","param":null,"code":"inactive_key"\}\}$',
 '^\{"type":"error","error":\{"type":"permission_error","message":"Inactive API Key"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":403,"message":"Inactive API Key","status":"PERMISSION_DENIED"\}\}$',
 '^\{"type":"about:blank","title":"Forbidden","status":403,"detail":"Inactive API Key","code":"inactive_key","request_id":"[0-9a-f]{32}"\}$']



=== TEST 6: 403, the other kind of key
--- request eval
$::requests
--- more_headers eval
[("Authorization: Bearer $::manager") x 5]
--- error_code eval
[(403) x 5]
--- response_headers eval
[map { "WWW-Authenticate:\nRetry-After:\nX-Should-Retry: false\nCache-Control: no-store\nContent-Type: $_" } @::content_types]
--- response_headers_like
X-Request-Id: [0-9a-f]{32}
--- response_body_like eval
['^\{"error":"This kind of API key cannot be used here"\}$',
 '^\{"error":\{"message":"This kind of API key cannot be used here","type":"invalid_request_error","param":null,"code":"wrong_key_type"\}\}$',
 '^\{"type":"error","error":\{"type":"permission_error","message":"This kind of API key cannot be used here"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":403,"message":"This kind of API key cannot be used here","status":"PERMISSION_DENIED"\}\}$',
 '^\{"type":"about:blank","title":"Forbidden","status":403,"detail":"This kind of API key cannot be used here","code":"wrong_key_type","request_id":"[0-9a-f]{32}"\}$']



=== TEST 7: 503, the store cannot be reached: come back in a second
--- bare
--- http_config
    api_key_zone zone=keys:1m;
    api_key_redis redis://127.0.0.1:1;
    api_key_pepper $TEST_NGINX_PEPPER;
    api_key_type proxy prefix=ms-;
--- request eval
$::requests
--- more_headers eval
[("Authorization: Bearer $::key") x 5]
--- error_code eval
[(503) x 5]
--- response_headers eval
[map { "WWW-Authenticate:\nX-Should-Retry:\nRetry-After: 1\nCache-Control: no-store\nContent-Type: $_" } @::content_types]
--- response_headers_like
X-Request-Id: [0-9a-f]{32}
--- response_body_like eval
['^\{"error":"API key service unavailable"\}$',
 '^\{"error":\{"message":"API key service unavailable","type":"server_error","param":null,"code":"store_unavailable"\}\}$',
 '^\{"type":"error","error":\{"type":"api_error","message":"API key service unavailable"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":503,"message":"API key service unavailable","status":"UNAVAILABLE"\}\}$',
 '^\{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"API key service unavailable","code":"store_unavailable","request_id":"[0-9a-f]{32}"\}$']



=== TEST 8: 400, two keys, in two places
--- config
    api_key_from bearer header=x-api-key;
FORMATS
--- request eval
$::requests
--- more_headers eval
[("Authorization: Bearer $::key\nx-api-key: $::key") x 5]
--- error_code eval
[(400) x 5]
--- response_headers eval
[map { "WWW-Authenticate:\nRetry-After:\nCache-Control: no-store\nContent-Type: $_" } @::content_types]
--- response_headers_like
X-Request-Id: [0-9a-f]{32}
--- response_body_like eval
['^\{"error":"More than one API key was sent"\}$',
 '^\{"error":\{"message":"More than one API key was sent","type":"invalid_request_error","param":null,"code":"multiple_keys"\}\}$',
 '^\{"type":"error","error":\{"type":"invalid_request_error","message":"More than one API key was sent"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":400,"message":"More than one API key was sent","status":"INVALID_ARGUMENT"\}\}$',
 '^\{"type":"about:blank","title":"Bad Request","status":400,"detail":"More than one API key was sent","code":"multiple_keys","request_id":"[0-9a-f]{32}"\}$']



=== TEST 9: HEAD: the headers of GET, no body
--- request eval
[map { "HEAD /$_/x" } @::formats]
--- error_code eval
[(401) x 5]
--- response_headers eval
[map { "WWW-Authenticate: Bearer realm=\"api\"\nX-Should-Retry: false\nContent-Type: $::content_types[$_]\nContent-Length: " . (27, 104, 132, 77, 154)[$_] } 0 .. 4]
--- response_body eval
[('') x 5]



=== TEST 10: HEAD, 503
--- bare
--- http_config
    api_key_zone zone=keys:1m;
    api_key_redis redis://127.0.0.1:1;
    api_key_pepper $TEST_NGINX_PEPPER;
    api_key_type proxy prefix=ms-;
--- request
HEAD /simple/x
--- more_headers eval
"Authorization: Bearer $::key"
--- error_code: 503
--- response_headers
Retry-After: 1
Content-Length: 39
--- response_body



=== TEST 11: auto, and nothing said, are simple
--- config
    api_key proxy;
    location /auto/ { api_key_error_format auto; empty_gif; }
    location /none/ { empty_gif; }
--- request eval
["GET /auto/x", "GET /none/x"]
--- error_code eval
[401, 401]
--- response_body eval
[('{"error":"Missing API Key"}') x 2]



=== TEST 12: another status and message, in every format; JSON stays JSON
--- config
    api_key_error missing_key 403 "Kein \"Schlüssel\"\n, \\ <b>";
FORMATS
--- request eval
$::requests
--- error_code eval
[(403) x 5]
--- response_headers eval
[map { "WWW-Authenticate:\nX-Should-Retry: false\nContent-Type: $_" } @::content_types]
--- response_body_filters eval
sub { my $it = JSON::PP::decode_json($_[0]); my $error = $it->{error}; ref $error ? $error->{message} : $error // $it->{detail} }
--- response_body eval
[("Kein \"Schl\x{fc}ssel\"\n, \\ <b>") x 5]



=== TEST 13: a status that no API knows
--- config
    api_key_error missing_key 418 "No key, no tea";
FORMATS
--- request eval
$::requests
--- error_code eval
[(418) x 5]
--- response_headers eval
[("X-Should-Retry:\nWWW-Authenticate:\nRetry-After:\nCache-Control: no-store") x 5]
--- response_body_like eval
['^\{"error":"No key, no tea"\}$',
 '^\{"error":\{"message":"No key, no tea","type":"server_error","param":null,"code":"missing_key"\}\}$',
 '^\{"type":"error","error":\{"type":"api_error","message":"No key, no tea"\},"request_id":"[0-9a-f]{32}"\}$',
 '^\{"error":\{"code":418,"message":"No key, no tea","status":"UNKNOWN"\}\}$',
 '^\{"type":"about:blank","title":"Error","status":418,"detail":"No key, no tea","code":"missing_key","request_id":"[0-9a-f]{32}"\}$']



=== TEST 14: a reason that is made 401 has the challenge of one
--- config
    api_key_error inactive_key 401 "Not now";
FORMATS
--- request
GET /anthropic/x
--- more_headers eval
"Authorization: Bearer $::key{inactive}"
--- error_code: 401
--- response_headers
WWW-Authenticate: Bearer realm="api", error="invalid_token"
X-Should-Retry: false
--- response_body_like: ^\{"type":"error","error":\{"type":"authentication_error","message":"Not now"\},"request_id":"[0-9a-f]{32}"\}$



=== TEST 15: the closest says it: http, server, location, reason by reason
--- http_config
    api_key_error missing_key 402 "http";
    api_key_error invalid_key 402 "http";
    api_key_error inactive_key 402 "http";
--- config
    api_key_error invalid_key 404 "server";
    api_key_error inactive_key 404 "server";
    location /v1/ { api_key proxy; api_key_error inactive_key 409 "location"; empty_gif; }
--- request eval
[("GET /v1/x") x 3]
--- more_headers eval
["", "Authorization: Bearer ms-short", "Authorization: Bearer $::key{inactive}"]
--- error_code eval
[402, 404, 409]
--- response_body eval
[map { "{\"error\":\"$_\"}" } qw(http server location)]



=== TEST 16: the management API speaks the same format, in its own errors too
--- config
    location /api/ { api_key billing; api_key_manage; api_key_error_format problem; }
--- request eval
["GET /api/keys", "GET /api/keys/999999", "GET /api/keys?limit=x", "PUT /api/keys"]
--- more_headers eval
["", ("Authorization: Bearer $::manager") x 3]
--- error_code eval
[401, 404, 400, 405]
--- response_headers eval
[("Content-Type: application/problem+json\nCache-Control: no-store") x 4]
--- response_body_like eval
['"title":"Unauthorized","status":401,"detail":"Missing API Key"', '"title":"Not Found","status":404,"detail":"API key not found","code":"not_found"',
 '"status":400,"detail":"limit: [^"]+","code":"request_invalid","param":"limit"', '"title":"Method Not Allowed","status":405']



=== TEST 17: the request id of the body is the header's, and $request_id
--- http_config
    log_format ids "$request_id,$sent_http_x_request_id.";
--- config
    access_log logs/access.log ids;
FORMATS
--- request
GET /problem/x
--- error_code: 401
--- access_log eval
qr/^([0-9a-f]{32}),\1\.$/



=== TEST 18: auth_delay holds 401 back, and the answer is the same
--- http_config
    log_format times "$status took $request_time.";
--- config
    auth_delay 301ms; # the clock of timers and that of $request_time are up to 1 ms apart
    access_log logs/access.log times;
FORMATS
--- request eval
[$::requests->[1], $::requests->[1]]
--- more_headers eval
["", "Authorization: Bearer $::key{deleted}"]
--- error_code eval
[401, 401]
--- response_headers eval
[map { "WWW-Authenticate: Bearer realm=\"api\"$_\nX-Should-Retry: false\nContent-Type: application/json" } '', ', error="invalid_token"']
--- response_body_like eval
['"message":"Missing API Key"', '"message":"Invalid API Key"']
--- access_log eval
qr/^401 took (?:0\.[3-9]|[1-9])/



=== TEST 19: auth_delay holds back neither 403 nor 503 nor what is let in
--- http_config
    log_format times "$status took $request_time.";
--- config
    auth_delay 20s;
    access_log logs/access.log times;
FORMATS
--- request eval
[$::requests->[0], $::requests->[0]]
--- more_headers eval
["Authorization: Bearer $::key{inactive}", "Authorization: Bearer $::key"]
--- error_code eval
[403, 200]



=== TEST 20: a body that was sent is read past: the connection goes on
--- pipelined_requests eval
["POST /simple/x\n" . ("a" x 100_000), "POST /openai/x\nhello", "GET /simple/x"]
--- error_code eval
[401, 401, 401]
--- response_body eval
['{"error":"Missing API Key"}', '{"error":{"message":"Missing API Key","type":"invalid_request_error","param":null,"code":"missing_key"}}', '{"error":"Missing API Key"}']



=== TEST 21: a 403 is compressed where nginx is told so
--- config
    gzip on;
    gzip_types application/json application/problem+json;
    gzip_min_length 1;
    gzip_vary on;
FORMATS
--- request eval
$::requests
--- more_headers eval
[("Accept-Encoding: gzip\nAuthorization: Bearer $::key{inactive}") x 5]
--- error_code eval
[(403) x 5]
--- response_headers eval
[("Content-Encoding: gzip\nVary: Accept-Encoding\nWWW-Authenticate:\nX-Should-Retry: false") x 5]
--- response_body_filters eval
$::gunzip
--- response_body_like eval
[('^\{.*Inactive API Key.*\}$') x 5]



=== TEST 22: headers of one's own stay
--- config
    add_header X-Mine yes always;
FORMATS
--- request
GET /gemini/x
--- error_code: 401
--- response_headers
X-Mine: yes
WWW-Authenticate: Bearer realm="api"
