use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our ($spare, $spare_id) = create_key(account => $account);
our $proxy_key = create_key(account => $account);
our ($manager, $manager_id) = create_key(account => $account, type => 'billing', name => 'ops');
our ($short, $short_id) = create_key(account => $account, type => 'billing', name => 'short', expires_at => '2099-01-01T00:00:00Z');
our ($gone, $gone_id) = create_key(account => $account, type => 'billing');
our %other = create_other_keys(account => $account, type => 'billing');
our $json = "Host: localhost\nContent-Type: application/json";

add_block_preprocessor(sub {
    my $block = shift;
    my $http_config = <<'_EOC_';
    log_format all '$request|$http_cookie|$cookie_api_key_session|$sent_http_set_cookie|$request_body|$status|$api_key_result|$api_key_id';
    access_log logs/access.log all;
_EOC_
    $block->set_value('http_config', $http_config . ($block->http_config // ''));
    if (!defined $block->config) {
        $block->set_value('config', 'location /api/ { api_key billing proxy; api_key_manage; }');
    }
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a sign-in sets the cookie and tells whose it is
--- request eval
qq{POST /api/session\n{"key":"$::manager"}}
--- more_headers eval
$::json
--- error_code: 201
--- response_body_like eval
qr/^\{"account":$::account,"accountName":"[^"]+","keyId":$::manager_id,"name":"ops","expiresAt":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","types":\[\{"name":"proxy","prefix":"ms-","manages":false\},\{"name":"billing","prefix":"mk-","manages":true\}\],"deletes":"always"\}$/
--- raw_response_headers_like eval
::session_cookie('made', 'Path=/api; HttpOnly; SameSite=Strict')
--- response_headers
Cache-Control: no-store
Content-Type: application/json
--- access_log eval
qr/^POST \/api\/session HTTP\/1.1\|-\|-\|api_key_session=\*{64}; Path=\/api; HttpOnly; SameSite=Strict\|\*+\|201\|ok\|$::manager_id$/m



=== TEST 2: the cookie stands for the key
--- request
GET /api/session
--- more_headers
Cookie: a=b; api_key_session={made.cookie}; c=d
--- error_code: 200
--- response_body_like eval
qr/^\{"account":$::account,"accountName":"[^"]+","keyId":$::manager_id,"name":"ops","expiresAt":/
--- response_headers
Cache-Control: no-store
! Set-Cookie
--- access_log eval
qr/\|a=b; api_key_session=\*{64}; c=d\|\*{64}\|-\|-\|200\|ok\|$::manager_id$/m



=== TEST 3: the whole API is open to it
--- request eval
["GET /api/keys", "HEAD /api/keys", "POST /api/keys\n{\"name\":\"by session\"}", "GET /api/me", "GET /api/audit", "POST /api/keys/$::spare_id/rotate"]
--- more_headers
Cookie: api_key_session={made.cookie}
Content-Type: application/json; charset=utf-8
--- error_code eval
[200, 200, 201, 200, 200, 200]



=== TEST 4: a key in the request decides, the cookie does not count
--- request eval
["GET /api/me", "GET /api/keys", "GET /api/keys", "GET /api/session"]
--- more_headers eval
["Authorization: Bearer $::proxy_key\nCookie: api_key_session={made.cookie}", "Authorization: Bearer $::proxy_key\nCookie: api_key_session={made.cookie}",
 "Authorization: Bearer mk-nonsense\nCookie: api_key_session={made.cookie}", "Authorization: Bearer $::manager\nCookie: api_key_session={made.cookie}"]
--- error_code eval
[200, 403, 401, 404]



=== TEST 5: no session
--- request eval
["GET /api/session", "GET /api/keys", "GET /api/session", "GET /api/session", "GET /api/session"]
--- more_headers eval
["", "Cookie: other=1", "Cookie: api_key_session=", "Cookie: api_key_session=" . "a" x 64, "Cookie: api_key_session=" . "A" x 64]
--- error_code eval
[401, 401, 401, 401, 401]
--- response_body eval
['{"error":"Missing API Key"}', '{"error":"Missing API Key"}', ('{"error":"The session has ended: sign in again"}') x 3]
--- response_headers eval
[("WWW-Authenticate: Bearer realm=\"api\"\nCache-Control: no-store\nX-Should-Retry: false") x 5]



=== TEST 6: two are one too many
--- request
GET /api/keys
--- more_headers
Cookie: api_key_session={made.cookie}; api_key_session={made.cookie}
--- error_code: 400
--- response_body: {"error":"More than one API key was sent"}



=== TEST 7: the wrong key is answered as anywhere, and stands in the security log
--- request eval
[map { qq{POST /api/session\n{"key":"$_"}} } "mk-nonsense", $::other{deleted}, $::other{inactive}, $::other{expired}, $::proxy_key]
--- more_headers eval
$::json
--- error_code eval
[401, 401, 403, 401, 403]
--- response_body eval
['{"error":"Invalid API Key"}', '{"error":"Invalid API Key"}', '{"error":"Inactive API Key"}', '{"error":"Expired API Key"}',
 '{"error":"This kind of API key cannot be used here"}']
--- response_headers eval
[("! Set-Cookie") x 5]



=== TEST 8: the last of them
--- request
GET /api/audit?action=access
--- more_headers eval
"Authorization: Bearer $::manager"
--- error_code: 200
--- response_body_like: "after":\{"reason":"expired_key"\}.*"after":\{"reason":"inactive_key"\}



=== TEST 9: what is wrong with a sign-in is said
--- request eval
["POST /api/session", "POST /api/session\n{", "POST /api/session\n{}", qq{POST /api/session\n{"key":1}}, qq{POST /api/session\n{"key":"mk-1","remember":true}},
 "POST /api/session\n{" . " " x 4096 . "}", "PUT /api/session\n{}"]
--- more_headers eval
$::json
--- error_code eval
[400, 400, 400, 400, 400, 413, 401]
--- response_body_like eval
['^\{"error":"The request body is not valid JSON: ', '^\{"error":"The request body is not valid JSON: ', '^\{"error":"key: is required"\}$',
 '^\{"error":"key: expected a text of 1 to 140 bytes"\}$', '^\{"error":"remember: unknown field"\}$',
 '^\{"error":"The request body is larger than 4 KB"\}$', '^\{"error":"Missing API Key"\}$']
--- response_headers eval
[("Cache-Control: no-store\nContent-Type: application/json") x 7]



=== TEST 10: only JSON
--- request eval
[(qq{POST /api/session\n{"key":"$::manager"}}) x 3]
--- more_headers eval
["Host: localhost", "Host: localhost\nContent-Type: text/plain", "Host: localhost\nContent-Type: application/x-www-form-urlencoded"]
--- error_code eval
[415, 415, 415]
--- response_body eval
[('{"error":"The request body must be JSON: Content-Type: application/json"}') x 3]
--- response_headers eval
[("! Set-Cookie") x 3]



=== TEST 11: only from a page of the same origin
--- request eval
[(qq{POST /api/session\n{"key":"$::manager"}}) x 5]
--- more_headers eval
[map { "$::json\n$_" } "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: none", "Origin: https://evil.example", "Origin: null"]
--- error_code eval
[403, 403, 403, 403, 403]
--- response_body eval
[('{"error":"Only pages of this address may change anything with a session"}') x 5]
--- response_headers eval
[("! Set-Cookie") x 5]



=== TEST 12: the page itself
--- request eval
[(qq{POST /api/session\n{"key":"$::manager"}}) x 3]
--- more_headers eval
[map { "$::json\n$_" } "Sec-Fetch-Site: same-origin", "Origin: http://localhost", "Sec-Fetch-Site: same-origin\nOrigin: http://localhost"]
--- error_code eval
[201, 201, 201]



=== TEST 13: the same holds for whatever a session changes, not for what it reads
--- request eval
["PATCH /api/keys/$::spare_id\n{\"name\":\"x\"}", "DELETE /api/keys/$::spare_id", "DELETE /api/session", "POST /api/keys/$::spare_id/rotate", "GET /api/keys"]
--- more_headers
Cookie: api_key_session={made.cookie}
Content-Type: application/json
Sec-Fetch-Site: cross-site
--- error_code eval
[403, 403, 403, 403, 200]



=== TEST 14: a body has to be JSON
--- request eval
["PATCH /api/keys/$::spare_id\n{\"name\":\"x\"}", "POST /api/keys\n{\"name\":\"x\"}", "POST /api/keys/$::spare_id/rotate"]
--- more_headers
Cookie: api_key_session={made.cookie}
Content-Type: text/plain
--- error_code eval
[415, 415, 200]



=== TEST 15: a key may do without
--- request eval
qq{PATCH /api/keys/$::spare_id\n{"name":"x"}}
--- more_headers eval
"Authorization: Bearer $::manager\nSec-Fetch-Site: cross-site\nOrigin: https://other.example"
--- error_code: 200



=== TEST 16: plain HTTP is good for this machine alone
--- request eval
[(qq{POST /api/session\n{"key":"$::manager"}}) x 4]
--- more_headers eval
[map { "Host: $_\nContent-Type: application/json" } "example.com", "localhost.example:8080", "127.0.0.1:8080", "[::1]:8080"]
--- error_code eval
[403, 403, 201, 201]
--- response_body_like eval
[('^\{"error":"A session needs HTTPS: the browser would send its cookie in the clear"\}$') x 2, ('^\{"account":') x 2]



=== TEST 17: the cookie is for where the API is
--- config
    location /gateway/api/ { api_key billing; api_key_manage; }
--- request eval
qq{POST /gateway/api/session\n{"key":"$::manager"}}
--- more_headers eval
$::json
--- error_code: 201
--- raw_response_headers_like eval
::session_cookie('deep', 'Path=/gateway/api; HttpOnly; SameSite=Strict')



=== TEST 18: and where that is called otherwise
--- config
    location /manage/ { api_key billing; api_key_manage; }
--- request eval
qq{POST /manage/session\n{"key":"$::manager"}}
--- more_headers eval
$::json
--- error_code: 201
--- raw_response_headers_like eval
::session_cookie('other', 'Path=/manage; HttpOnly; SameSite=Strict')



=== TEST 19: a key of another kind and a key in the header beside the one in the body
--- config
    location /api/ { api_key billing; api_key_manage; }
--- request eval
[qq{POST /api/session\n{"key":"$::proxy_key"}}, qq{POST /api/session\n{"key":"$::manager"}}]
--- more_headers eval
[$::json, "$::json\nAuthorization: Bearer $::manager"]
--- error_code eval
[403, 400]
--- response_body eval
['{"error":"This kind of API key cannot be used here"}', '{"error":"More than one API key was sent"}']



=== TEST 20: a session ends no later than its key
--- request eval
qq{POST /api/session\n{"key":"$::short"}}
--- more_headers eval
$::json
--- error_code: 201
--- response_body_unlike: 2099
--- raw_response_headers_like eval
::session_cookie('short', 'Path=/api; HttpOnly; SameSite=Strict')



=== TEST 21: a session for a key that is about to go
--- request eval
qq{POST /api/session\n{"key":"$::gone"}}
--- more_headers eval
$::json
--- error_code: 201
--- raw_response_headers_like eval
::session_cookie('gone', 'Path=/api; HttpOnly; SameSite=Strict')



=== TEST 22: it deletes its own key, and ends with it
--- request eval
["DELETE /api/billing-keys/$::gone_id", "GET /api/keys", "GET /api/session"]
--- more_headers
Cookie: api_key_session={gone.cookie}
--- error_code eval
[204, 401, 401]
--- response_body eval
["", ('{"error":"The session has ended: sign in again"}') x 2]



=== TEST 23: signing out ends it, and may be done again
--- request eval
["DELETE /api/session", "GET /api/keys", "DELETE /api/session"]
--- more_headers
Cookie: api_key_session={made.cookie}
Sec-Fetch-Site: same-origin
--- error_code eval
[204, 401, 204]
--- raw_response_headers_like eval
[qr/^Set-Cookie: api_key_session=; Path=\/api; Max-Age=0; HttpOnly; SameSite=Strict\r?$/m, 'WWW-Authenticate', 'Set-Cookie: api_key_session=; Path=/api; ']



=== TEST 24: also where there is none
--- request
DELETE /api/session
--- error_code: 204
--- response_body:
--- response_headers
Cache-Control: no-store
! Content-Type



=== TEST 25: and with the cookie of a key that is gone
--- request
DELETE /api/session
--- more_headers
Cookie: api_key_session={gone.cookie}
--- error_code: 204



=== TEST 26: what was done stands in the security log
--- request eval
"GET /api/audit?action=session&key=$::gone_id"
--- more_headers eval
"Authorization: Bearer $::manager"
--- error_code: 200
--- response_body_like eval
qr/"action":"session\.delete","actor":\{"type":"key","keyId":$::gone_id\}.*"action":"session\.create","actor":\{"type":"key","keyId":$::gone_id\}/



=== TEST 27: a cookie opens nothing but the management API, and goes nowhere
--- config
    location /v1/ { api_key billing; proxy_pass $TEST_NGINX_UPSTREAM; }
    location /open/ { proxy_pass $TEST_NGINX_UPSTREAM:/v1/; }
    location /api/ { api_key billing; api_key_manage; }
--- request eval
["GET /v1/echo", "GET /open/echo"]
--- more_headers
Cookie: api_key_session={short.cookie}
--- error_code eval
[401, 200]
--- response_body_like eval
['Missing API Key', '"cookie":"api_key_session=\*{64}"']



=== TEST 28: in the error log there is nothing of it
--- config
    location /open/ { error_log logs/error.log debug; proxy_pass http://127.0.0.1:1/; }
    location /api/ { api_key billing; api_key_manage; }
--- request
GET /open/echo
--- more_headers eval
"Cookie: api_key_session=" . "a" x 64
--- error_code: 502
--- error_log: connect() failed



=== TEST 29: not even where nginx itself complains of the header
--- config
    location /api/ { api_key billing; api_key_manage; }
--- raw_request eval
["GET /api/keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: api_key_session=" . "a" x 64 . "; b=" . "b" x 20000 . "\r\n\r\n",
 "GET /api/keys HTTP/1.1\r\nHost: x\r\nCookie: api_key_session=" . "a" x 64 . "\r\nHost: y\r\nConnection: close\r\n\r\n",
 "GET /api/keys HTTP/1.1\r\nCookie: api_key_session=" . "a" x 64 . "\r\nConnection: close\r\n\r\n"]
--- error_code eval
[400, 400, 400]
--- error_log: client sent too long header line: "Cookie: api_key_***



=== TEST 30: a session that has ended is no wrong key
--- http_config
    api_key_block failed=1 window=1m for=1m;
--- request eval
[("GET /api/keys") x 3]
--- more_headers eval
["Cookie: api_key_session={gone.cookie}", "Cookie: api_key_session=nonsense", "Cookie: api_key_session={short.cookie}"]
--- error_code eval
[401, 401, 200]



=== TEST 31: blocked addresses do not get in by a session either
--- http_config
    api_key_block failed=1 window=1m for=1m;
--- request eval
[qq{POST /api/session\n{"key":"mk-wrong"}}, qq{POST /api/session\n{"key":"$::manager"}}, "GET /api/keys", "DELETE /api/session"]
--- more_headers eval
["$::json", "$::json", "Cookie: api_key_session={short.cookie}", "Cookie: api_key_session={short.cookie}"]
--- error_code eval
[401, 403, 403, 403]
--- response_body eval
['{"error":"Invalid API Key"}', ('{"error":"IP temporarily blocked"}') x 3]
