use lib 't/lib';
use ApiKeyTest 'no_plan';

# Arguments of the management API: unknown ones, and those that come twice, are answered 400 and named.

our $account = create_account();
our $manager = create_key(account => $account, type => 'billing');
our ($key, $id) = create_key(account => $account);

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location /api/ { api_key billing proxy; api_key_manage; }
_EOC_
    $block->set_value('more_headers', "Authorization: Bearer $::manager") if !defined $block->more_headers;
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: unknown ones, on every route that has some
--- request eval
["GET /api/keys?colour=red", "GET /api/billing-keys?limit=1&offset=2", "GET /api/transactions?page=2", "GET /api/logs?key_id=7",
 "GET /api/keys/$::id/logs?key=7", "GET /api/keys/$::id/usage?group_by=key", "GET /api/usage?group=key", "GET /api/audit?Verify=true",
 "GET /api/usage?category%20=a", "GET /api/keys?limit=1&=x", "GET /api/keys?limit"]
--- error_code eval
[(400) x 11]
--- response_body_like eval
["colour: no argument", "offset: no argument", "page: no argument", "key_id: no argument", "key: no argument", "group_by: no argument",
 "group: no argument", "Verify: no argument", "category: no argument", ": no argument", "limit: expected"]



=== TEST 2: any, on every route that has none
--- request eval
["GET /api/keys/$::id?a=1", "GET /api/balance?a=1", "GET /api/subscription?a=1", "GET /api/me?a=1", "GET /api/me?bucket=day",
 "GET /api/openapi.json?a=1", "GET /api/session?a=1", "GET /api/keys/$::id?limit=1", "HEAD /api/balance?a=1"]
--- error_code eval
[(400) x 9]



=== TEST 3: any, with a change: nothing is changed
--- request eval
["POST /api/keys?dry_run=true\n{\"name\":\"x\"}", "PATCH /api/keys/$::id?force=1\n{\"active\":false}", "DELETE /api/keys/$::id?force=1",
 "POST /api/keys/$::id/rotate?overlap=60", "POST /api/keys/$::id/clone?name=x", "GET /api/keys?limit=5"]
--- error_code eval
[(400) x 5, 200]
--- response_body_like eval
["dry_run: ", "force: ", "force: ", "overlap: ", "name: ", qr/"id":$::id,.*"active":true/]



=== TEST 4: given twice, spelled alike or not
--- request eval
["GET /api/keys?limit=1&limit=2", "GET /api/usage?bucket=day&bucket=day", "GET /api/audit?key=1&k%65y=2", "GET /api/logs?from=2030-01-01T00:00:00Z&to=2030-01-02T00:00:00Z&from=2030-01-01T00:00:00Z"]
--- error_code eval
[(400) x 4]
--- response_body_like eval
["limit: given more than once", "bucket: given more than once", "key: given more than once", "from: given more than once"]



=== TEST 5: known ones, and nothing between them
--- request eval
["GET /api/keys?", "GET /api/keys?&&limit=1&", "GET /api/usage?bucket=day&group_by=key&limit=100&category=a&alias=b", "GET /api/keys/$::id/usage?bucket=minute",
 "GET /api/audit?key=$::id&action=key&limit=3&verify=false", "GET /api/transactions?limit=1&cursor=2"]
--- error_code eval
[(200) x 6]



=== TEST 6: the key itself, where it is passed on
--- config
    location /api/ { api_key billing; api_key_from query=key; api_key_forward on; api_key_manage; }
--- more_headers
--- request eval
["GET /api/keys?limit=1&key=$::manager", "GET /api/keys?limit=1&key=$::manager&other=1"]
--- error_code eval
[200, 400]



=== TEST 7: a long name is not repeated whole
--- request eval
"GET /api/keys?" . ("x" x 500) . "=1"
--- error_code: 400
--- response_body_like chomp
"x{64}: no argument



=== TEST 8: so many series of so many points
--- request eval
["GET /api/usage?limit=101", "GET /api/usage?bucket=minute&limit=100&from=" . POSIX::strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(time() - 86000)),
 "GET /api/usage?bucket=minute&from=" . POSIX::strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(time() - 86000))]
--- error_code eval
[400, 400, 200]
--- response_body_like eval
["limit: expected a number from 1 to 100", "limit: at most 75000 points", '"series":']
