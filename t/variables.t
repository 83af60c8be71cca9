use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = apikeyctl('account', 'create', '--name', 'acme', '--plan', 'pro')->{id};
sub make_key { return create_key(account => $account, @_) }
our ($key, $id) = make_key(name => 'Production');
redis_cli('HSET', "ak:{k}:$id", 'alias', 'prod-1', 'cat', 'production');
our ($own_plan, $own_plan_id) = make_key(name => 'big');
redis_cli('HSET', "ak:{k}:$own_plan_id", 'plan', 'enterprise');
our ($inactive, $inactive_id) = make_key(name => 'off');
apikeyctl('key', 'disable', $inactive_id);
our ($expired, $expired_id) = make_key(name => 'old');
redis_cli('HSET', "ak:{k}:$expired_id", 'expires', 1_600_000_000_000);
our ($manager, $manager_id) = make_key(type => 'billing', name => 'ops');
our ($deleted, $deleted_id) = make_key();
apikeyctl('key', 'delete', $deleted_id);
our ($limited) = make_key();
our ($other) = create_key(account => create_account());

my $all = '$api_key_id|$api_key_name|$api_key_alias|$api_key_category|$api_key_type|$api_key_account|$api_key_plan|$api_key_result|$api_key_cache';
add_block_preprocessor(sub {
    my $block = shift;
    (my $config = $block->config) =~ s/\bALL\b/"$all"/g;
    $block->set_value('config', $config);
    (my $http_config = $block->http_config // '') =~ s/\bALL\b/'$all'/g;
    $block->set_value('http_config', $http_config);
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: an admitted request has them all; the first comes from the store, the next from the cache
--- config
    location /v1/ { api_key proxy; add_header X-All ALL always; empty_gif; }
--- request eval
["GET /v1/x", "GET /v1/x"]
--- more_headers eval
[("Authorization: Bearer $::key") x 2]
--- response_headers eval
[map { "X-All: $::id|Production|prod-1|production|proxy|$::account|pro|ok|$_" } 'miss', 'hit']



=== TEST 2: a plan of the key's own comes before its account's; what is not set is empty
--- config
    location /v1/ { api_key proxy; add_header X-All ALL always; empty_gif; }
--- request
GET /v1/x
--- more_headers eval
"Authorization: Bearer $::own_plan"
--- response_headers eval
"X-All: $::own_plan_id|big|||proxy|$::account|enterprise|ok|miss"



=== TEST 3: a key that is known and refused
--- config
    location /v1/ { api_key proxy; add_header X-All ALL always; empty_gif; }
--- request eval
[("GET /v1/x") x 6]
--- more_headers eval
[map { "Authorization: Bearer $_" } $::inactive, $::inactive, $::expired, $::expired, $::manager, $::manager]
--- error_code eval
[403, 403, 401, 401, 403, 403]
--- response_headers eval
["X-All: $::inactive_id|off|||proxy|$::account|pro|inactive_key|miss", "X-All: $::inactive_id|off|||proxy|$::account|pro|inactive_key|hit",
 "X-All: $::expired_id|old|||proxy|$::account|pro|expired_key|miss", "X-All: $::expired_id|old|||proxy|$::account|pro|expired_key|hit",
 "X-All: $::manager_id|ops|||billing|$::account|pro|wrong_key_type|miss", "X-All: $::manager_id|ops|||billing|$::account|pro|wrong_key_type|hit"]



=== TEST 4: an unknown key: the store says so, the cache remembers (what it learned before its node was known to the store it forgets once)
--- config
    location /v1/ { api_key proxy; add_header X-All ALL always; empty_gif; }
--- request eval
[("GET /v1/x") x 3]
--- more_headers eval
[("Authorization: Bearer $::deleted") x 3]
--- error_code eval
[401, 401, 401]
--- response_headers eval
["X-All: |||||||invalid_key|miss", "", "X-All: |||||||invalid_key|negative"]



=== TEST 5: none, two, a malformed one: a result, and nothing was looked up
--- config
    location /v1/ { api_key proxy; api_key_from bearer header=x-api-key; add_header X-All ALL always; empty_gif; }
--- request eval
[("GET /v1/x") x 3]
--- more_headers eval
["", "Authorization: Bearer $::key\nx-api-key: $::key", "Authorization: Bearer ms-short"]
--- error_code eval
[401, 400, 401]
--- response_headers eval
["X-All: |||||||missing_key|", "X-All: |||||||multiple_keys|", "X-All: |||||||invalid_key|"]



=== TEST 6: the store cannot be reached
--- bare
--- http_config
    api_key_zone zone=keys:1m;
    api_key_redis redis://127.0.0.1:1;
    api_key_pepper $TEST_NGINX_PEPPER;
    api_key_type proxy prefix=ms-;
--- config
    location /v1/ { api_key proxy; add_header X-Result "$api_key_id|$api_key_result" always; empty_gif; }
--- request
GET /v1/x
--- more_headers eval
"Authorization: Bearer $::key"
--- error_code: 503
--- response_headers
X-Result: |store_unavailable



=== TEST 7: empty where nothing was decided: no api_key, off, an answer of the rewrite phase, an unknown location
--- config
    add_header X-All ALL always;
    location /open { empty_gif; }
    location /off { api_key proxy; location /off/really { api_key off; empty_gif; } }
    location /early { api_key proxy; return 204; }
    location /inner { api_key proxy; return 403; }
--- request eval
["GET /open", "GET /off/really", "GET /early", "GET /inner", "GET /none", "GET /open"]
--- more_headers eval
[("Authorization: Bearer $::key") x 5, ""]
--- error_code eval
[200, 200, 204, 403, 404, 200]
--- response_headers eval
[("X-All: ||||||||") x 6]



=== TEST 8: in another format of the log, for the admitted and the refused
--- http_config
    log_format keys ALL;
--- config
    location /v1/ { api_key proxy; access_log logs/access.log keys; empty_gif; }
--- request eval
["GET /v1/x", "GET /v1/x"]
--- more_headers eval
["Authorization: Bearer $::key", ""]
--- error_code eval
[200, 401]
--- access_log eval
[qr/^(?:\Q$::id|Production|prod-1|production|proxy|$::account|pro|ok|miss\E|\Q|||||||missing_key|\E)$/]



=== TEST 9: an access log for the refused alone
--- http_config
    map $api_key_result $refused { default 1; "" 0; ok 0; }
    log_format refused "refused: $api_key_result";
--- config
    location /v1/ { api_key proxy; access_log logs/access.log refused if=$refused; empty_gif; }
--- request
GET /v1/x
--- more_headers eval
"Authorization: Bearer $::key"
--- no_access_log
refused:



=== TEST 10: in a map, and on to the upstream
--- http_config
    map $api_key_plan $tier { default none; pro gold; enterprise platinum; }
--- config
    location /v1/ {
        api_key proxy;
        proxy_set_header X-Tier $tier;
        proxy_set_header X-Account $api_key_account;
        proxy_set_header X-Key-Id $api_key_id;
        proxy_set_header X-Alias $api_key_alias;
        proxy_pass $TEST_NGINX_UPSTREAM;
    }
--- request eval
["GET /v1/echo", "GET /v1/echo"]
--- more_headers eval
["Authorization: Bearer $::key\nX-Account: 999", "Authorization: Bearer $::own_plan\nX-Alias: forged"]
--- response_body_like eval
[qr/"x-tier":"gold","x-account":"$::account","x-key-id":"$::id","x-alias":"prod-1"/, qr/^(?!.*forged).*"x-tier":"platinum","x-account":"$::account","x-key-id":"$::own_plan_id"/]



=== TEST 11: a map that was asked too early is asked again
--- http_config
    map $api_key_account $owner { volatile; default "account $api_key_account"; "" nobody; }
--- config
    location /v1/ { set $early $owner; api_key proxy; add_header X-Owner "$early, $owner" always; empty_gif; }
--- request
GET /v1/x
--- more_headers eval
"Authorization: Bearer $::key"
--- response_headers eval
"X-Owner: nobody, account $::account"



=== TEST 12: limit_req by account, behind the decision: each account by itself, what was refused does not count
--- http_config
    limit_req_zone $api_key_account zone=accounts:1m rate=1r/m;
--- config
    location /v1/ { api_key proxy; try_files /nothing @limited; }
    location @limited { limit_req zone=accounts; limit_req_status 429; empty_gif; }
--- request eval
[("GET /v1/x") x 5]
--- more_headers eval
[map { "Authorization: Bearer $_" } $::inactive, $::key, $::limited, $::other, $::other]
--- error_code eval
[403, 200, 429, 200, 429]



=== TEST 13: limit_req in the same location comes before the decision: it counts keys that the cache holds
--- http_config
    limit_req_zone $api_key_account zone=accounts:1m rate=1r/m;
--- config
    location /v1/ { api_key proxy; limit_req zone=accounts; limit_req_status 429; empty_gif; }
--- request eval
[("GET /v1/x") x 5]
--- more_headers eval
[map { "Authorization: Bearer $_" } ($::key) x 3, ($::inactive) x 2]
--- error_code eval
[200, 200, 429, 403, 403]



=== TEST 14: still there after error_page and after an internal redirect
--- config
    location /v1/ { api_key proxy; error_page 401 403 @refused; try_files /nothing @open; }
    location @refused { add_header X-All "$api_key_id|$api_key_result" always; return 403 "no"; }
    location @open { add_header X-All "$api_key_id|$api_key_result" always; return 200 "yes"; }
--- request eval
[("GET /v1/x") x 3]
--- more_headers eval
["Authorization: Bearer $::key", "Authorization: Bearer $::inactive", ""]
--- error_code eval
[200, 403, 401]
--- response_headers eval
["X-All: $::id|ok", "X-All: $::inactive_id|inactive_key", "X-All: |missing_key"]



=== TEST 15: the management API has them
--- config
    location /api/ { api_key billing; api_key_manage; add_header X-All ALL always; }
--- request eval
["GET /api/me", "GET /api/nothing"]
--- more_headers eval
[("Authorization: Bearer $::manager") x 2]
--- error_code eval
[200, 404]
--- response_headers eval
["X-All: $::manager_id|ops|||billing|$::account|pro|ok|miss", "X-All: $::manager_id|ops|||billing|$::account|pro|ok|hit"]



=== TEST 16: an address that needs no key
--- config
    location /v1/ { satisfy any; allow 127.0.0.1; deny all; api_key proxy; add_header X-All "$api_key_id|$api_key_result|$api_key_cache" always; empty_gif; }
--- request eval
["GET /v1/x", "GET /v1/x", "GET /v1/x"]
--- more_headers eval
["", "Authorization: Bearer ms-short", "Authorization: Bearer $::key"]
--- error_code eval
[200, 200, 200]
--- response_headers eval
["X-All: ||", "X-All: ||", "X-All: ||"]
