use lib 't/lib';
use ApiKeyTest 'no_plan';

our $account = create_account();
sub key_for ($) {
    my ($key, $id) = create_key(account => $account);
    redis_cli('HSET', "ak:{k}:$id", 'ips', $_[0]);
    return $key;
}
our $ipv4 = key_for("192.0.2.0/25\n198.51.100.7");
our $ipv6 = key_for('2001:db8::/33');
our $malformed = key_for('192.0.2.1/24');

sub from ($@) { my $key = shift; [map { "X-Real-IP: $_\nAuthorization: Bearer $key" } @_] }

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Real-IP;
    location /v1/ { api_key proxy; empty_gif; }
_EOC_
});
run_tests();

__DATA__

=== TEST 1: IPv4
--- request eval
[("GET /v1/") x 7]
--- more_headers eval
main::from($::ipv4, "192.0.2.0", "192.0.2.127", "192.0.2.128", "198.51.100.7", "198.51.100.8", "::ffff:192.0.2.5", "2001:db8::1")
--- error_code eval
[200, 200, 403, 200, 403, 200, 403]



=== TEST 2: IPv6
--- request eval
[("GET /v1/") x 4]
--- more_headers eval
main::from($::ipv6, "2001:db8::1", "2001:db8:7fff::", "2001:db8:8000::", "192.0.2.1")
--- error_code eval
[200, 200, 403, 403]



=== TEST 3: the answer
--- request
GET /v1/
--- more_headers eval
"Authorization: Bearer $::ipv4"
--- error_code: 403
--- response_body chomp
{"error":"This API key cannot be used from this address"}
--- response_headers
X-Should-Retry: false



=== TEST 4: a malformed entry opens nothing
--- request
GET /v1/
--- more_headers eval
"X-Real-IP: 192.0.2.1\nAuthorization: Bearer $::malformed"
--- error_code: 503
--- error_log
its field "ips" is missing or malformed
