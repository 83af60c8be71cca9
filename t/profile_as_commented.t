use lib 't/lib';
use ApiKeyTest 'no_plan';

# MindProxy's profile, set up by the lines of its own comment: models, monthly limits and wallets hold on each of its routes.

my $prices = "$ENV{TEST_DIRECTORY}/mindproxy-prices.json";
open my $file, '>', $prices or die $!;
my $price = '{"input_cost_per_token": 1e-3, "output_cost_per_token": 2e-3, "max_output_tokens": 100, "max_input_tokens": 2000}';
print $file '{', join(',', map { "\"$_\": $price" } qw(gpt-4o-mini gpt-4o claude-demo claude-other gemini/gemini-2.5-flash gemini/gemini-2.5-pro)), '}';
close $file;

open $file, '<', "$ENV{TEST_NGINX_PROFILES}/mindproxy.conf" or die $!;
my @lines = map { /^#   (\S.*)$/ ? $1 : () } <$file>;
close $file;
s{profiles/mindproxy\.conf}{\$TEST_NGINX_PROFILES/mindproxy.conf}, s{model_prices_and_context_window\.json}{$prices}, s{http://api;}{\$TEST_NGINX_UPSTREAM;} for @lines;
our $routes = join "\n", grep { /^location/ } @lines;
our $http = join "\n", "api_key_zone zone=keys:2m;", 'api_key_redis $TEST_NGINX_REDIS timeout=5s;', 'api_key_pepper $TEST_NGINX_PEPPER;', grep { !/^location/ } @lines;

my $rich = create_account();
apikeyctl('account', 'topup', $rich, '--amount', '1000', '--reference', 'first');
sub key_with (@) {
    my ($key, $id) = create_key(account => $rich, type => 'key', prefix => 'sk-');
    redis_cli('HSET', "ak:{k}:$id", @_);
    return $key;
}
our $scoped = key_with('models', "gpt-4o-mini\nclaude-demo\ngemini-2.5-flash");
our $limited = key_with('spend', 1);
our $poor = create_key(account => create_account(), type => 'key', prefix => 'sk-');

sub ask ($$$) {
    my ($openai, $anthropic, $gemini) = @_;
    my $messages = '"messages":[{"role":"user","content":"Hello"}]';
    return ["POST /v1/chat/completions\n{\"model\":\"$openai\",$messages}", "POST /v1/messages\n{\"model\":\"$anthropic\",\"max_tokens\":10,$messages}",
            "POST /v1beta/models/$gemini:generateContent\n{\"contents\":[{\"parts\":[{\"text\":\"Hello\"}]}]}"];
}

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', $::http);
    $block->set_value('config', $::routes);
    my $key = $block->name =~ /monthly/ ? $::limited : $block->name =~ /wallet/ ? $::poor : $::scoped;
    $block->set_value('more_headers', "Authorization: Bearer $key\nContent-Type: application/json");
    $block->set_value('no_error_log', qr{are not charged|are rejected at|responds before});
});
run_tests();

__DATA__

=== TEST 1: models in the key's scope
--- request eval
main::ask("gpt-4o-mini", "claude-demo", "gemini-2.5-flash")
--- error_code eval
[(200) x 3]



=== TEST 2: models out of it
--- request eval
main::ask("gpt-4o", "claude-other", "gemini-2.5-pro")
--- error_code eval
[(403) x 3]
--- response_body_like eval
['"code":"model_not_allowed"', '"type":"permission_error"', '"status":"PERMISSION_DENIED"']



=== TEST 3: a monthly limit
--- request eval
main::ask("gpt-4o", "claude-demo", "gemini-2.5-pro")
--- error_code eval
[(402) x 3]
--- response_body_like eval
[('api_key_quota_exceeded') x 3]



=== TEST 4: an empty wallet
--- request eval
main::ask("gpt-4o", "claude-demo", "gemini-2.5-pro")
--- error_code eval
[(402) x 3]
--- response_body_like eval
[('billing_shortfall') x 3]
