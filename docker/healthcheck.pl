#!/usr/bin/perl
# Does nginx answer at /healthz? Perl is in every Debian; curl is not.
use strict;
use warnings;
use IO::Socket::INET;

my ($port) = ($ENV{API_KEY_LISTEN} // 8080) =~ /(\d+)$/;
my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 2) or exit 1;
print $socket "GET /healthz HTTP/1.0\r\n\r\n";
exit((<$socket> // '') =~ / 204 / ? 0 : 1);
