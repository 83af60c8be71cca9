use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our $manager = create_key(account => $account, type => 'billing');
our ($key, $id) = create_key(account => $account);
our ($old, $old_id) = create_key(account => $account);

# What the nodes told the store of an earlier use: [bucket, how long it is, how long ago it was, requests].
sub used_before ($@) {
    my $key_id = shift;
    for my $use (@_) {
        my ($bucket, $width_s, $ago_s, $requests) = @$use;
        redis_cli('HSET', "ak:{k}:use:$account:key:$bucket:" . int((time - $ago_s) / $width_s), "n:$key_id", $requests);
    }
}
used_before($old_id, ['minute', 60, 3600, 2], ['hour', 3600, 3600, 2], ['hour', 3600, 5 * 86400, 10], ['hour', 3600, 20 * 86400, 100],
    ['day', 86400, 3600, 2], ['day', 86400, 5 * 86400, 10], ['day', 86400, 20 * 86400, 100], ['day', 86400, 200 * 86400, 1000]);

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location /v1/ { api_key proxy; empty_gif; }
    location /api/ { api_key billing; api_key_manage; }
_EOC_
    $block->set_value('more_headers', "Authorization: Bearer $::manager") if !defined $block->more_headers;
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a quota counts the requests before it was set, to the last one
--- request eval
[("GET /v1/x") x 3, "PATCH /api/keys/$::id\n{\"quotas\":{\"daily\":5}}", ("GET /v1/x") x 3]
--- more_headers eval
[("Authorization: Bearer $::key") x 3, "Authorization: Bearer $::manager", ("Authorization: Bearer $::key") x 3]
--- error_code eval
[200, 200, 200, 200, 200, 200, 429]



=== TEST 2: another quota as well; each counts every request once
--- request eval
["PATCH /api/keys/$::id\n{\"quotas\":{\"daily\":null,\"weekly\":7,\"total\":100}}", "GET /api/keys/$::id/usage", ("GET /v1/x") x 3, "GET /api/keys/$::id/usage"]
--- more_headers eval
[("Authorization: Bearer $::manager") x 2, ("Authorization: Bearer $::key") x 3, "Authorization: Bearer $::manager"]
--- error_code eval
[200, 200, 200, 200, 429, 200]
--- response_body_like eval
[".", qr/"total":\{"used":5,.*"weekly":\{"used":5,/, ".", ".", ".", qr/"total":\{"used":7,.*"weekly":\{"used":7,/]



=== TEST 3: without a quota requests go on, and are counted when there is one again
--- request eval
["PATCH /api/keys/$::id\n{\"quotas\":{\"weekly\":null,\"total\":null}}", ("GET /v1/x") x 4, "PATCH /api/keys/$::id\n{\"quotas\":{\"daily\":100,\"monthly\":100,\"total\":100}}",
 "GET /api/keys/$::id/usage"]
--- more_headers eval
["Authorization: Bearer $::manager", ("Authorization: Bearer $::key") x 4, ("Authorization: Bearer $::manager") x 2]
--- response_body_like eval
[(".") x 6, qr/"total":\{"used":11,.*"daily":\{"used":11,.*"monthly":\{"used":11,/]



=== TEST 4: each window counts what lies in it
--- request eval
["PATCH /api/keys/$::old_id\n{\"quotas\":{\"daily\":5000,\"weekly\":5000,\"monthly\":5000,\"total\":5000}}", "GET /api/keys/$::old_id/usage"]
--- response_body_like eval
[".", qr/"total":\{"used":1112,.*"daily":\{"used":2,.*"weekly":\{"used":12,.*"monthly":\{"used":112,/]



=== TEST 5: a quota below what was used refuses at once
--- request eval
["PATCH /api/keys/$::old_id\n{\"quotas\":{\"monthly\":112}}", "GET /v1/x"]
--- more_headers eval
["Authorization: Bearer $::manager", "Authorization: Bearer $::old"]
--- error_code eval
[200, 429]
