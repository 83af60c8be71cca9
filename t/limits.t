use lib 't/lib';
use ApiKeyTest 'no_plan';

our $plans = "$ENV{TEST_DIRECTORY}/limits-plans.json";
open my $file, '>', $plans or die $!;
print $file '{"plans": {"pro": {"per_second": 3, "per_minute": 100}, "slow": {"per_minute": 2}, "free": {"models": [], "multiplier": "1"}}}';
close $file;

our $account = create_account();
sub limited (@) {
    my ($key, $id) = create_key(account => $account);
    redis_cli('HSET', "ak:{k}:$id", @_);
    return $key;
}
our $total = limited(total => 2);
our $daily = limited(daily => 1);
our $weekly = limited(weekly => 1, daily => 100);
our $monthly = limited(monthly => 1, total => 100);
our $openai = limited(daily => 1);
our $profile = limited(total => 1);
our $counted = limited(daily => 10, total => 50);
our $broken = limited(daily => 'many');
our $dry = limited(total => 1);
our $once = limited(total => 1);
our $free = create_key(account => create_account(plan => 'free'));
our $slow = create_key(account => create_account(plan => 'slow'));
our $fast = create_key(account => create_account(plan => 'pro'));
our $unknown = create_key(account => create_account(plan => 'gone'));

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value('http_config', "api_key_plans $::plans;") if !defined $block->http_config;
    $block->set_value('config', <<'_EOC_') if !defined $block->config;
    location /v1/ { api_key proxy; empty_gif; }
_EOC_
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a total quota, for good
--- request eval
["GET /v1/", "GET /v1/", "GET /v1/", "HEAD /v1/"]
--- more_headers eval
"Authorization: Bearer $::total"
--- error_code eval
[200, 200, 429, 429]
--- response_body_like eval
["GIF", "GIF", '^\{"error":"Rate limit exceeded: quota total","limit":"total","used":2,"cap":2\}$', '^$']
--- response_headers eval
["!Retry-After", "!X-Should-Retry", "!Retry-After\nX-Should-Retry: false\nContent-Type: application/json\nCache-Control: no-store", "X-Should-Retry: false"]



=== TEST 2: a daily quota says when it has room again, and not to wait for that
--- request eval
["GET /v1/", "GET /v1/"]
--- more_headers eval
"Authorization: Bearer $::daily"
--- error_code eval
[200, 429]
--- response_body_like eval
["GIF", '^\{"error":"Rate limit exceeded: quota daily","limit":"daily","used":1,"cap":1,"reset":"20\d\d-\d\d-\d\dT\d\d:\d[05]:00Z"\}$']
--- response_headers eval
["!Retry-After", "!Retry-After\nX-Should-Retry: false"]



=== TEST 3: the quota that is reached is named
--- request eval
["GET /v1/", "GET /v1/"]
--- more_headers eval
"Authorization: Bearer $::weekly"
--- error_code eval
[200, 429]
--- response_body_like eval
["GIF", "Rate limit exceeded: quota weekly"]



=== TEST 4: monthly
--- request eval
["GET /v1/", "GET /v1/"]
--- more_headers eval
"Authorization: Bearer $::monthly"
--- error_code eval
[200, 429]
--- response_body_like eval
["GIF", "Rate limit exceeded: quota monthly"]



=== TEST 5: as an SDK reads it
--- config
    location /v1/ { api_key proxy; api_key_error_format openai; empty_gif; }
--- request eval
["GET /v1/", "GET /v1/"]
--- more_headers eval
"Authorization: Bearer $::openai"
--- error_code eval
[200, 429]
--- response_body_like eval
["GIF", '^\{"error":\{"message":"Rate limit exceeded: quota daily","type":"rate_limit_error","param":null,"code":"quota_exceeded","limit":"daily","used":1,"cap":1,"reset":"[^"]+"\}\}$']



=== TEST 6: the rolling quotas' profile: 401 and nothing but the message
--- config
    include $TEST_NGINX_PROFILES/rolling-quotas.conf;
    location /v1/ { api_key proxy; empty_gif; }
--- request eval
["GET /v1/", "GET /v1/"]
--- more_headers eval
"Authorization: Bearer $::profile"
--- error_code eval
[200, 401]
--- response_body_like eval
["GIF", '^\{"error":"Rate limit exceeded: quota total"\}$']
--- response_headers eval
["", "X-Should-Retry: false"]



=== TEST 7: how much is left, the tightest first
--- config
    location /v1/ { api_key proxy; api_key_headers on; empty_gif; }
--- request eval
["GET /v1/", "GET /v1/"]
--- more_headers eval
"Authorization: Bearer $::counted"
--- response_headers_like eval
[qq{RateLimit-Policy: "daily";q=10;w=86400, "total";q=50\nRateLimit: "daily";r=9;t=86[4-7]\\d\\d, "total";r=49},
 qq{RateLimit-Policy: "daily";q=10;w=86400, "total";q=50\nRateLimit: "daily";r=8;t=86[4-7]\\d\\d, "total";r=48}]



=== TEST 8: a refusal says it too
--- config
    location /v1/ { api_key proxy; api_key_headers on; empty_gif; }
--- request
GET /v1/
--- more_headers eval
"Authorization: Bearer $::total"
--- error_code: 429
--- response_headers
RateLimit-Policy: "total";q=2
RateLimit: "total";r=0



=== TEST 9: the rate of a plan, per second
--- request eval
["GET /v1/", "GET /v1/", "GET /v1/", "GET /v1/"]
--- more_headers eval
"Authorization: Bearer $::fast"
--- error_code eval
[200, 200, 200, 429]
--- response_body_like eval
["GIF", "GIF", "GIF", '^\{"error":"You exceeded the per-second rate limit on your subscription","limit":"second","used":3,"cap":3,"reset":"[^"]+"\}$']
--- response_headers_like eval
["", "", "", "Retry-After: [12]"]



=== TEST 10: the rate of a plan, per minute
--- request eval
["GET /v1/", "GET /v1/", "GET /v1/"]
--- more_headers eval
"Authorization: Bearer $::slow"
--- error_code eval
[200, 200, 429]
--- response_body_like eval
["GIF", "GIF", "You exceeded the per-minute rate limit on your subscription"]



=== TEST 11: a plan without rates limits nothing
--- request eval
["GET /v1/", "GET /v1/", "GET /v1/", "GET /v1/"]
--- more_headers eval
"Authorization: Bearer $::free"
--- error_code eval
[200, 200, 200, 200]



=== TEST 12: a plan that the file does not have is never "no limit"
--- request
GET /v1/
--- more_headers eval
"Authorization: Bearer $::unknown"
--- error_code: 503
--- error_log eval
qr/key \d+ of account \d+ has plan "[^"]+", which api_key_plans does not define/



=== TEST 13: a limit that is no number
--- request
GET /v1/
--- more_headers eval
"Authorization: Bearer $::broken"
--- error_code: 503
--- error_log
its field "daily" is missing or malformed



=== TEST 14: a dry run decides, counts and logs, and refuses nothing
--- config
    location /v1/ { api_key proxy; api_key_dry_run on; empty_gif; add_header Result $api_key_result; }
--- request eval
["GET /v1/", "GET /v1/"]
--- more_headers eval
"Authorization: Bearer $::dry"
--- error_code eval
[200, 200]
--- response_headers eval
["Result: ok", "Result: quota_exceeded"]



=== TEST 15: and says so in the log
--- config
    location /v1/ { api_key proxy; api_key_dry_run on; empty_gif; }
--- request
GET /v1/
--- more_headers eval
"Authorization: Bearer $::dry"
--- error_log
would reject (dry run): quota_exceeded



=== TEST 16: a dry run without a key
--- config
    location /v1/ { api_key proxy; api_key_dry_run on; empty_gif; add_header Result $api_key_result; }
--- request
GET /v1/
--- response_headers
Result: missing_key
--- error_log
would reject (dry run): missing_key



=== TEST 17: an internal redirect is charged once
--- config
    location /v1/ { api_key proxy; try_files /nothing @there; }
    location @there { api_key proxy; empty_gif; }
--- request eval
["GET /v1/", "GET /v1/"]
--- more_headers eval
"Authorization: Bearer $::once"
--- error_code eval
[200, 429]



=== TEST 18: error_page does not lead around a limit
--- config
    location /v1/ { api_key proxy; error_page 429 = /free; empty_gif; }
    location /free { api_key proxy; empty_gif; }
--- request
GET /v1/
--- more_headers eval
"Authorization: Bearer $::once"
--- error_code: 429
--- response_body_like: quota total
