use lib 't/lib';
use ApiKeyTest 'no_plan';

# Seven keys of two types, k1 the oldest; one inactive, one expired. Another account has one of each type too.
our $account = create_account();
our $manager = create_key(account => $account, type => 'billing', name => 'ops');
our %id;
for my $name (map { "k$_" } 1 .. 7) {
    my @type = $name eq 'k2' || $name eq 'k6' ? (type => 'trial', prefix => 'tr-') : ();
    (undef, $id{$name}) = create_key(account => $account, name => $name, @type);
}
apikeyctl('key', 'disable', $id{k3});
redis_cli('HSET', "ak:{k}:$id{k4}", 'expires', 1_600_000_000_000);
redis_cli('HSET', "ak:{k}:$id{k1}", 'cat', 'prod', 'alias', 'Blue Whale');
redis_cli('HSET', "ak:{k}:$id{k5}", 'cat', 'prod');
our $stranger_account = create_account();
our $stranger = create_key(account => $stranger_account, type => 'billing', name => 'stranger-ops');
create_key(account => $stranger_account, name => 'stranger');
create_key(account => $stranger_account, name => 'stranger-trial', type => 'trial', prefix => 'tr-');
our $nobody = create_key(account => create_account(), type => 'billing', name => 'nobody');

# An account with many keys: copies of one, named many-1 (the oldest) to many-1201.
our $many_account = create_account();
our $many_manager = create_key(account => $many_account, type => 'billing');
my (undef, $many) = create_key(account => $many_account, name => 'many-1');
redis_cli('EVAL', <<'_EOC_', 0, $many, "ak:{k}:keys:$many_account:proxy");
for i = 2, 1201 do
  local id = redis.call('INCR', 'ak:{k}:next:key')
  redis.call('COPY', 'ak:{k}:' .. ARGV[1], 'ak:{k}:' .. id)
  redis.call('HSET', 'ak:{k}:' .. id, 'name', 'many-' .. i)
  redis.call('ZADD', ARGV[2], id, id)
end
_EOC_
redis_cli('HSET', "ak:{k}:$many", 'alias', 'needle');
our $names_of_many = sub { join ' ', map { "many-$_" } reverse $_[0] .. $_[1] };

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', <<'_EOC_');
    api_key_zone zone=keys:2m;
    api_key_redis $TEST_NGINX_REDIS timeout=5s;
    api_key_pepper $TEST_NGINX_PEPPER;
    api_key_type proxy prefix=ms-;
    api_key_type trial prefix=tr-;
    api_key_type billing prefix=mk- manages;
_EOC_
    $block->set_value('config', 'location /api/ { api_key billing; api_key_manage; }') if !defined $block->config;
    $block->set_value('more_headers', "Authorization: Bearer $::manager") if !defined $block->more_headers;

    # `--- names`: for each request the names in its answer, and … where it has a "next"; - for none.
    if (defined $block->names) {
        my $names = sub { join(' ', $_[0] =~ /"name":"([^"]*)"/g, $_[0] =~ /"next":"\d+"\}$/ ? '…' : ()) || '-' };
        $block->set_value('response_body_filters', $names);
        my @expected = split /\n/, $block->names;
        $block->set_value('response_body', @expected > 1 ? \@expected : $expected[0]);
    }
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: all of the account, newest first, both types, no manager's, no stranger's
--- request
GET /api/keys
--- names
k7 k6 k5 k4 k3 k2 k1



=== TEST 2: limit, from 1 to 1000
--- request eval
["GET /api/keys?limit=1", "GET /api/keys?limit=6", "GET /api/keys?limit=7", "GET /api/keys?limit=1000"]
--- names
k7 …
k7 k6 k5 k4 k3 k2 …
k7 k6 k5 k4 k3 k2 k1
k7 k6 k5 k4 k3 k2 k1



=== TEST 3: type
--- request eval
["GET /api/keys?type=proxy", "GET /api/keys?type=trial", "GET /api/keys?type=trial&limit=1"]
--- names
k7 k5 k4 k3 k1
k6 k2
k6 …



=== TEST 4: category, exactly; an empty one finds the keys without
--- request eval
["GET /api/keys?category=prod", "GET /api/keys?category=pro", "GET /api/keys?category=Prod", "GET /api/keys?category=", "GET /api/keys?category=%70rod&limit=1"]
--- names
k5 k1
-
-
k7 k6 k4 k3 k2
k5 …



=== TEST 5: active; an expired key is not
--- request eval
["GET /api/keys?active=true", "GET /api/keys?active=false"]
--- names
k7 k6 k5 k2 k1
k4 k3



=== TEST 6: q: a part of the name or of the alias, in any case
--- request eval
["GET /api/keys?q=K5", "GET /api/keys?q=whale", "GET /api/keys?q=blue+w", "GET /api/keys?q=e%20W", "GET /api/keys?q=nothing", "GET /api/keys?q=", "GET /api/keys?q=stranger"]
--- names
k5
k1
k1
k1
-
k7 k6 k5 k4 k3 k2 k1
-



=== TEST 7: filters together
--- request eval
["GET /api/keys?type=proxy&active=true&category=prod&q=k", "GET /api/keys?type=trial&category=prod", "GET /api/keys?active=true&limit=2"]
--- names
k5 k1
-
k7 k6 …



=== TEST 8: bad values: 400 naming the field
--- request eval
[map { "GET /api/keys?$_" } qw(limit=0 limit=1001 limit=-1 limit=ten limit= limit=1.5 limit=99999999999999999999999
  cursor=0 cursor=abc cursor= cursor=-1 cursor=99999999999999999999999 active=yes active= active=1 type=nothing type= type=billing)]
--- error_code eval
[(400) x 18]
--- response_body eval
[('{"error":"limit: expected a number from 1 to 1000"}') x 7,
 ('{"error":"cursor: expected the \"next\" of an earlier answer"}') x 5,
 ('{"error":"active: expected true or false"}') x 3,
 ('{"error":"type: unknown here"}') x 3]



=== TEST 9: as param, where the format has one
--- config
    location /api/ { api_key billing; api_key_manage; api_key_error_format openai; }
--- request
GET /api/keys?limit=0
--- error_code: 400
--- response_body chomp
{"error":{"message":"limit: expected a number from 1 to 1000","type":"invalid_request_error","param":"limit","code":"request_invalid"}}



=== TEST 10: another account sees its own; one without keys an empty list
--- request eval
["GET /api/keys", "GET /api/keys?type=trial", "GET /api/keys?cursor=$::id{k7}", "GET /api/keys"]
--- more_headers eval
[("Authorization: Bearer $::stranger") x 3, "Authorization: Bearer $::nobody"]
--- names
stranger-trial stranger
stranger-trial
-
-



=== TEST 11: the empty list as it is written
--- request
GET /api/keys
--- more_headers eval
"Authorization: Bearer $::nobody"
--- response_headers
Content-Type: application/json
Cache-Control: no-store
--- response_body chomp
{"keys":[]}



=== TEST 12: billing keys stand on a route of their own
--- request eval
["GET /api/billing-keys", "GET /api/billing-keys?type=billing&limit=1&active=true", "GET /api/billing-keys?q=k7", "GET /api/billing-keys"]
--- more_headers eval
[("Authorization: Bearer $::manager") x 3, "Authorization: Bearer $::stranger"]
--- names
ops
ops
-
stranger-ops



=== TEST 13: and know no other type
--- request
GET /api/billing-keys?type=proxy
--- error_code: 400
--- response_body chomp
{"error":"type: unknown here"}



=== TEST 14: HEAD
--- request
HEAD /api/keys
--- response_headers
Content-Type: application/json
--- response_headers_like
Content-Length: [1-9]\d+
--- response_body



=== TEST 15: no secret and no digest in it
--- request
GET /api/keys
--- response_body_unlike: ms-[0-9A-Za-z]{6}|digest|pepper|"key":



=== TEST 16: the walk: a first page
--- request
GET /api/keys?limit=3
--- remember: first
--- names
k7 k6 k5 …



=== TEST 17: a key comes, the last one shown goes, and one of the next page
--- request eval
["POST /api/keys\n{\"name\":\"k8\"}", "DELETE /api/keys/$::id{k5}", "DELETE /api/keys/$::id{k4}"]
--- error_code eval
[201, 204, 204]



=== TEST 18: the walk goes on where it was, to its end
--- request
GET /api/keys?limit=2&cursor={first.next}
--- remember: second
--- names
k3 k2 …



=== TEST 19: no key twice, none left out
--- request eval
["GET /api/keys?limit=2&cursor={second.next}", "GET /api/keys"]
--- names
k1
k8 k7 k6 k3 k2 k1



=== TEST 20: a hundred are shown by default, a thousand at most
--- request eval
["GET /api/keys", "GET /api/keys?limit=1000"]
--- more_headers eval
[("Authorization: Bearer $::many_manager") x 2]
--- remember: many
--- names eval
CORE::join("\n", $::names_of_many->(1102, 1201) . ' …', $::names_of_many->(202, 1201) . ' …')



=== TEST 21: the rest of them
--- request
GET /api/keys?limit=1000&cursor={many.next}
--- more_headers eval
"Authorization: Bearer $::many_manager"
--- names eval
$::names_of_many->(1, 201)



=== TEST 22: one far back is found
--- request eval
["GET /api/keys?q=needle&limit=1", "GET /api/keys?q=many-7&limit=1&cursor=100000"]
--- more_headers eval
[("Authorization: Bearer $::many_manager") x 2]
--- names
many-1
many-799 …
