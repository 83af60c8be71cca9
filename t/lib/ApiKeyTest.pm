# What the .t files share. It starts nothing: scripts/test.sh (make test) has started Redis and the demonstration upstream.
#
#   use lib 't/lib';
#   use ApiKeyTest 'no_plan';
#   our $account = create_account();
#   our $key = create_key(account => $account);                                  # type proxy, prefix ms-
#   our $manager = create_key(account => $account, type => 'billing');           # prefix mk-
#   run_tests();
#   __DATA__
#   === TEST 1: …
#   --- config
#       location /v1/ { api_key proxy; proxy_pass $TEST_NGINX_UPSTREAM; }
#   --- request
#   GET /v1/echo
#   --- more_headers eval
#   "Authorization: Bearer $::key"
#
# Every block gets the zone, Redis, the pepper and the types proxy (ms-) and billing (mk-), unless its http_config declares
# an api_key_zone of its own or the block says `--- bare`. Every block fails when error.log has an [alert] or [emerg] (unless
# it is looked for) or when a log has something that looks like a key.
#
# The "id", "key" or "next" at the top of an answer can be used by the blocks below it, in requests and in more_headers (no_shuffle()); so can
# what session_cookie('made', …) has seen, as {made.cookie}:
#   --- remember: made
#   …
#   --- more_headers
#   Authorization: Bearer {made.key}
package ApiKeyTest;

use Test::Nginx::Socket -Base;
use JSON::PP ();

our @EXPORT = qw(apikeyctl create_account create_key create_other_keys flush_store redis_cli secret_pattern session_cookie default_http_config);

BEGIN {
    for my $name (qw(TEST_NGINX_REDIS TEST_NGINX_PEPPER TEST_NGINX_UPSTREAM APIKEYCTL)) {
        die "$name is not set: run the tests by make test T=t/…\n" if !defined $ENV{$name};
    }
}

my %prefix_of_type = (proxy => 'ms-', billing => 'mk-');

sub default_http_config () {
    return <<'_EOC_';
    api_key_zone zone=keys:2m;
    api_key_redis $TEST_NGINX_REDIS timeout=5s;
    api_key_pepper $TEST_NGINX_PEPPER;
    api_key_type proxy prefix=ms-;
    api_key_type billing prefix=mk- manages;
_EOC_
}

# A key, whole or cut off after the part that answers may show, or a session's token.
sub secret_pattern () {
    return qr/\b[a-z]{1,8}-[0-9A-Za-z]{12,}|\bapi_key_session=[0-9a-f]|\b[0-9a-f]{64}\b/;
}

# Runs apikeyctl against the store of the tests; gives what it printed, decoded.
sub apikeyctl (@) {
    my @arguments = @_;
    open my $pipe, '-|', $ENV{APIKEYCTL}, '-o', 'json', @arguments or die "apikeyctl: $!";
    my $text = do { local $/; <$pipe> };
    close $pipe or die "apikeyctl @arguments: exit code " . ($? >> 8) . "\n";
    return JSON::PP::decode_json($text);
}

my $accounts = 0;

# create_account(name => …, plan => …), gives its id
sub create_account (@) {
    my %option = (name => 'account-' . ++$accounts, @_);
    return apikeyctl('account', 'create', '--name', $option{name}, defined $option{plan} ? ('--plan', $option{plan}) : ())->{id};
}

# create_key(account => …, type => 'proxy', name => 'test', expires_at => …), gives the key; in list context its id too
sub create_key (@) {
    my %option = (type => 'proxy', name => 'test', @_);
    my $prefix = $option{prefix} // $prefix_of_type{$option{type}};
    my @arguments = ('--account', $option{account}, '--type', $option{type}, '--prefix', $prefix, '--name', $option{name});
    push @arguments, '--expires-at', $option{expires_at} if defined $option{expires_at};
    my $made = apikeyctl('key', 'create', @arguments);
    return wantarray ? ($made->{key}, $made->{id}) : $made->{key};
}

# create_other_keys(account => …, …): a hash of keys that do not open what a good one does: inactive, expired, deleted. An expired key cannot
# be made, only become so: its record is changed below the API.
sub create_other_keys (@) {
    my %option = @_;
    my %key;
    ($key{inactive}, my $inactive) = create_key(%option);
    apikeyctl('key', 'disable', $inactive);
    ($key{expired}, my $expired) = create_key(%option);
    redis_cli('HSET', "ak:{k}:$expired", 'expires', 1_600_000_000_000);
    ($key{deleted}, my $deleted) = create_key(%option);
    apikeyctl('key', 'delete', $deleted);
    return %key;
}

my %remembered;

sub recall ($);
sub recall ($) {
    my $text = shift;
    return [map { recall($_) } @$text] if ref $text eq 'ARRAY';
    $text =~ s/\{(\w+\.(?:id|key|next|cookie))\}/$remembered{$1} \/\/ "{$1}"/ge if !ref $text;
    return $text;
}

# A filter of bodies that leaves them as they are.
sub remembering ($) {
    my $name = shift;
    return sub {
        my $body = shift;
        my $answer = $body =~ /^\{/ ? JSON::PP::decode_json($body) : {};
        $remembered{"$name.$_"} = $answer->{$_} for grep { defined $answer->{$_} } qw(id key next);
        return $body;
    };
}

# For raw_response_headers_like: the cookie of a sign-in, with these attributes.
sub session_cookie ($$) {
    my ($name, $attributes) = @_;
    return qr/^Set-Cookie: api_key_session=([0-9a-f]{64}); \Q$attributes\E\r?$(?{ $remembered{"$name.cookie"} = $1 })/m;
}

sub redis_cli (@) {
    my @arguments = @_;
    open my $pipe, '-|', 'redis-cli', '-s', $ENV{TEST_REDIS_SOCKET}, @arguments or die "redis-cli: $!";
    my $text = do { local $/; <$pipe> };
    close $pipe or die "redis-cli @arguments failed\n";
    return $text;
}

# Leaves the store as new. Every .t file begins so.
sub flush_store () {
    redis_cli('FLUSHALL');
}

flush_store();
log_level('info');
no_long_string();

# The patterns of a section (text with one pattern a line, or a list), and more.
sub add_patterns ($$@) {
    my ($block, $section, @more) = @_;
    my $present = $block->$section;
    my @patterns = !defined $present ? () : ref $present eq 'ARRAY' ? @$present : ref $present ? ($present) : grep { length } split /\n+/, $present;
    $block->set_value($section, [@patterns, @more]);
}

add_block_preprocessor(sub {
    my $block = shift;

    for my $section (grep { defined $block->$_ } qw(request more_headers)) {
        $block->set_value($section, recall($block->$section));
    }
    if (defined $block->remember) {
        $block->set_value('response_body_filters', [remembering($block->remember), $block->response_body_filters // ()]);
    }

    my $http_config = $block->http_config // '';
    if (!defined $block->bare && $http_config !~ /^\s*api_key_zone\b/m) {
        $block->set_value('http_config', default_http_config() . $http_config);
    }

    if (defined $block->must_die) {
        add_patterns($block, 'error_log', '[emerg]');
        return;
    }

    my $wanted = $block->error_log // '';
    $wanted = join "\n", ref $wanted eq 'ARRAY' ? @$wanted : $wanted;
    add_patterns($block, 'no_error_log', (grep { index($wanted, $_) < 0 } '[alert]', '[emerg]'), secret_pattern());
    add_patterns($block, 'no_access_log', secret_pattern());
});

1;
