use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our ($first_manager, $first_manager_id) = create_key(account => $account, type => 'first-billing', prefix => 'ma-');
our $second_manager = create_key(account => $account, type => 'second-billing', prefix => 'mb-');
our ($first, $first_id) = create_key(account => $account, type => 'first', prefix => 'ka-');
our ($second, $second_id) = create_key(account => $account, type => 'second', prefix => 'kb-');

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', <<'_EOC_') if !defined $block->http_config;
    api_key_zone zone=keys:2m;
    api_key_redis $TEST_NGINX_REDIS timeout=5s;
    api_key_pepper $TEST_NGINX_PEPPER;
    api_key_type second prefix=kb-;
    api_key_type second-billing prefix=mb- manages;
    api_key_type first-billing prefix=ma- manages;
    api_key_type first prefix=ka-;
_EOC_
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location /one/v1/ { api_key first; empty_gif; }
    location /one/api/ { api_key first-billing; api_key_manage types=first,first-billing; }
    location /two/v1/ { api_key second; empty_gif; }
    location /two/api/ { api_key second-billing; api_key_manage types=second-billing,second; }
_EOC_
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a place lists its own types
--- request eval
[map { ("GET /$_/api/keys", "GET /$_/api/billing-keys") } qw(one two)]
--- more_headers eval
[("Authorization: Bearer $::first_manager") x 2, ("Authorization: Bearer $::second_manager") x 2]
--- response_body_like eval
[map { qr/^\{"keys":\[\{(?!.*\{"id").*"type":"$_"/ } qw(first first-billing second second-billing)]



=== TEST 2: creates keys of the first of them that does not manage, and billing keys of the first that does
--- request eval
[map { ("POST /$_/api/keys\n{\"name\":\"made\"}", "POST /$_/api/billing-keys\n{\"name\":\"made\"}") } qw(one two)]
--- more_headers eval
[("Authorization: Bearer $::first_manager") x 2, ("Authorization: Bearer $::second_manager") x 2]
--- error_code eval
[(201) x 4]
--- response_body_like eval
[map { qr/"key":"$_/ } qw(ka- ma- kb- mb-)]



=== TEST 3: another system's keys are unknown to it, whatever is asked
--- request eval
[(map { ("GET /one/api/keys/$_", "PATCH /one/api/keys/$_\n{\"active\":false}", "DELETE /one/api/keys/$_", "POST /one/api/keys/$_/rotate", "POST /one/api/keys/$_/clone\n{\"alias\":\"x\"}",
  "GET /one/api/keys/$_/usage") } $::second_id), "POST /one/api/keys\n{\"name\":\"x\",\"type\":\"second\"}", "GET /one/api/keys?type=second"]
--- more_headers eval
[("Authorization: Bearer $::first_manager") x 8]
--- error_code eval
[(404) x 6, 400, 400]



=== TEST 4: and its keys open nothing there
--- request eval
["GET /two/api/keys", "GET /two/api/session", "GET /two/v1/x", "GET /one/v1/x", "GET /one/api/keys"]
--- more_headers eval
["Authorization: Bearer $::first_manager", "Authorization: Bearer $::first_manager", "Authorization: Bearer $::first", "Authorization: Bearer $::second", "Authorization: Bearer $::first"]
--- error_code eval
[403, 403, 403, 403, 403]



=== TEST 5: a place without types of a kind has no such keys
--- config
    location /api/ { api_key first-billing; api_key_manage types=first; }
--- request eval
["GET /api/billing-keys", "GET /api/billing-keys/$::first_manager_id", "POST /api/billing-keys\n{\"name\":\"x\"}", "GET /api/keys/$::first_id"]
--- more_headers eval
[("Authorization: Bearer $::first_manager") x 4]
--- error_code eval
[200, 404, 400, 200]



=== TEST 6: the same Idempotency-Key at two places repeats no secret of the other
--- config
    location /api/ { api_key first-billing second-billing; api_key_manage types=first; }
    location /other/api/ { api_key first-billing second-billing; api_key_manage types=second; rewrite ^/other(.*) $1 break; }
--- request eval
["POST /api/keys\n{\"name\":\"once\"}", "POST /other/api/keys\n{\"name\":\"once\"}"]
--- more_headers eval
[("Authorization: Bearer $::first_manager\nIdempotency-Key: same") x 2]
--- error_code eval
[201, 201]
--- response_body_like eval
['"key":"ka-', '"key":"kb-']



=== TEST 7: a type that is not declared
--- config
    location /api/ { api_key first-billing; api_key_manage types=first,third; }
--- must_die
--- error_log
unknown api_key_type "third", expected 



=== TEST 8: an argument that is none
--- config
    location /api/ { api_key first-billing; api_key_manage first; }
--- must_die
--- error_log
invalid parameter, expected types=NAME,… changes=RATE burst=NUMBER keys=NUMBER: "first"
