use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
our $key = create_key(account => $account);
our $inactive = do { my ($text, $id) = create_key(account => $account); apikeyctl('key', 'disable', $id); $text };
# well-formed keys that nobody has: made, and deleted again
our @gone = map { my ($text, $id) = create_key(account => $account); apikeyctl('key', 'delete', $id); $text } 1 .. 4;

sub bearer (@) { [map { "Authorization: Bearer $_" } @_] }
sub from ($@) { my $address = shift; [map { "X-Real-IP: $address\nAuthorization: Bearer $_" } @_] }

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Real-IP;
    api_key_block failed=3 window=1m for=1h;
    location /v1/ { api_key proxy; empty_gif; }
_EOC_
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: three wrong keys block the address, for a good key too
--- request eval
[("GET /v1/") x 5]
--- more_headers eval
main::from("192.0.2.1", "wrong1", "ms-wrong2", $::gone[0], $::gone[1], $::key)
--- error_code eval
[401, 401, 401, 403, 403]
--- response_body_like eval
[("Invalid API Key") x 3, ('^\{"error":"IP temporarily blocked"\}$') x 2]



=== TEST 2: other addresses are let in
--- request
GET /v1/
--- more_headers eval
"X-Real-IP: 192.0.2.2\nAuthorization: Bearer $::key"



=== TEST 3: the same wrong key counts once
--- request eval
[("GET /v1/") x 6]
--- more_headers eval
main::from("192.0.2.3", ($::gone[0]) x 5, $::key)
--- error_code eval
[(401) x 5, 200]



=== TEST 4: what is not presented, not wrong, or merely refused does not count
--- request eval
[("GET /v1/") x 6]
--- more_headers eval
[(map { "X-Real-IP: 192.0.2.4\n$_" } "X-Nothing: 1", "X-Nothing: 2", "X-Nothing: 3"), @{main::from("192.0.2.4", $::inactive, $::inactive, $::key)}]
--- error_code eval
[401, 401, 401, 403, 403, 200]



=== TEST 5: a success in between resets nothing
--- request eval
[("GET /v1/") x 5]
--- more_headers eval
main::from("192.0.2.5", "wrong1", "wrong2", $::key, "wrong3", $::key)
--- error_code eval
[401, 401, 200, 401, 403]



=== TEST 6: an IPv6 network of 64 bits is one
--- request eval
[("GET /v1/") x 5]
--- more_headers eval
[@{main::from("2001:db8::1", "wrong1")}, @{main::from("2001:db8::2", "wrong2")}, @{main::from("2001:db8::3", "wrong3")},
 @{main::from("2001:db8::ffff:4", $::key)}, @{main::from("2001:db8:0:1::1", $::key)}]
--- error_code eval
[401, 401, 401, 403, 200]



=== TEST 7: an IPv4 address mapped into IPv6 is itself
--- request eval
[("GET /v1/") x 4]
--- more_headers eval
[@{main::from("::ffff:192.0.2.7", "wrong1")}, @{main::from("192.0.2.7", "wrong2", "wrong3", $::key)}]
--- error_code eval
[401, 401, 401, 403]



=== TEST 8: X-Forwarded-For of strangers is nobody's address
--- config
    api_key_block failed=2 window=1m for=1h;
    location /v1/ { api_key proxy; empty_gif; }
--- request eval
[("GET /v1/") x 3]
--- more_headers eval
[map { "X-Forwarded-For: 192.0.2.$_\nAuthorization: Bearer wrong$_" } 80 .. 82]
--- error_code eval
[401, 401, 403]



=== TEST 9: off in a server
--- http_config
    api_key_block failed=1 window=1m for=1h;
--- config
    api_key_block off;
    location /v1/ { api_key proxy; empty_gif; }
--- request eval
[("GET /v1/") x 3]
--- more_headers eval
main::bearer("wrong1", "wrong2", $::key)
--- error_code eval
[401, 401, 200]
