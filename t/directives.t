use lib 't/lib';
use ApiKeyTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: a type that was not declared
--- config
    location /v1/ { api_key nobody; }
--- must_die
--- error_log
unknown api_key_type "nobody", expected "proxy" or "billing", in



=== TEST 2: a zone that is too small
--- bare
--- http_config
    api_key_zone zone=keys:64k;
--- config
--- must_die
--- error_log
zone is too small



=== TEST 3: a URL with a password
--- bare
--- http_config
    api_key_redis redis://user:secret@127.0.0.1;
--- config
--- must_die
--- error_log
user and password do not belong into the address



=== TEST 4: a place that is none
--- config
    location /v1/ { api_key proxy; api_key_from cookie=key; }
--- must_die
--- error_log
invalid place, expected bearer, header=NAME or query=NAME: "cookie=key"



=== TEST 5: an unknown reason
--- config
    location /v1/ { api_key_error nonsense 400; }
--- must_die
--- error_log
unknown reason, expected missing_key, multiple_keys, invalid_key,
or upgrade_refused: "nonsense"



=== TEST 6: a status out of range
--- config
    location /v1/ { api_key_error missing_key 200; }
--- must_die
--- error_log
invalid status, expected 400 to 599



=== TEST 7: a management location without a type that manages
--- config
    location /api/ { api_key proxy; api_key_manage; }
--- must_die
--- error_log
"api_key_manage" needs "api_key" with a type that manages



=== TEST 8: keys without a store
--- bare
--- http_config
    api_key_zone zone=keys:1m;
    api_key_type proxy prefix=ms-;
--- config
    location /v1/ { api_key proxy; }
--- must_die
--- error_log
"api_key" needs "api_key_redis" in the http block



=== TEST 9: two types with one prefix
--- bare
--- http_config
    api_key_type a prefix=ms-;
    api_key_type b prefix=ms-;
--- config
--- must_die
--- error_log
the prefix of key type "b" is already used by "a"



=== TEST 10: other wrong values
--- config
    location /v1/ { api_key_delete sometimes; }
--- must_die
--- error_log
invalid rule, expected always or unused: "sometimes"



=== TEST 11: a format that is none
--- config
    location /v1/ { api_key_error_format xml; }
--- must_die
--- error_log
invalid format, expected simple, openai, anthropic, gemini, problem or auto: "xml"



=== TEST 12: a Redis that cannot be reached is no fault of the configuration
--- bare
--- http_config
    api_key_zone zone=keys:1m;
    api_key_redis redis://127.0.0.1:1;
    api_key_pepper $TEST_NGINX_PEPPER;
    api_key_type proxy prefix=ms-;
--- config
    location /v1/ { api_key proxy; empty_gif; }
--- request
GET /v1/x
--- more_headers
Authorization: Bearer ms-0000000000000000000000000000000014VMmE
--- error_code: 503
--- response_headers
Retry-After: 1
--- response_body chomp
{"error":"API key service unavailable"}



=== TEST 13: a plans file that is none
--- http_config
    api_key_plans $TEST_NGINX_PEPPER;
--- config
    location /v1/ { api_key proxy; }
--- must_die
--- error_log
is not valid JSON



=== TEST 14: a plans file with an unknown field
--- http_config
    api_key_plans $TEST_NGINX_SERVROOT/html/plans.json;
--- config
    location /v1/ { api_key proxy; }
--- user_files
>>> plans.json
{"plans": {"pro": {"per_hour": 1}}}
--- must_die
--- error_log
plans.pro.per_hour: unknown field



=== TEST 15: a block without its window
--- config
    api_key_block failed=5 for=1m;
--- must_die
--- error_log
missing parameter, expected failed=N window=TIME for=TIME



=== TEST 16: a block of no failures
--- config
    api_key_block failed=0 window=1m for=1m;
--- must_die
--- error_log
invalid number, expected failed= and 1 to 1000: "failed=0"



=== TEST 17: a block for no time
--- config
    api_key_block failed=5 window=1m for=0;
--- must_die
--- error_log
invalid parameter, expected failed=N window=TIME for=TIME, or off: "for=0"



=== TEST 18: a flag that is none
--- config
    location /v1/ { api_key_dry_run maybe; }
--- must_die
--- error_log
invalid value "maybe" in "api_key_dry_run" directive



=== TEST 19: a place of the model that is none
--- config
    location /v1/ { api_key_model header; }
--- must_die
--- error_log
invalid model source, expected body, path, off or a variable: "header"



=== TEST 20: TLS parameters without TLS
--- bare
--- http_config
    api_key_redis redis://127.0.0.1 tls_verify=off;
--- config
--- must_die
--- error_log
tls_… parameters require a rediss:// address, not "redis://127.0.0.1"



=== TEST 21: a certificate without its key
--- bare
--- http_config
    api_key_redis rediss://127.0.0.1 tls_cert=/etc/hostname;
--- config
--- must_die
--- error_log
tls_cert= and tls_key= must be used together in "rediss://127.0.0.1"



=== TEST 22: an authority that cannot be read
--- bare
--- http_config
    api_key_redis rediss://127.0.0.1 tls_ca=/nowhere.crt;
--- config
--- must_die
--- error_log
tls_ca: "/nowhere.crt" cannot be used: No such file or directory, in "rediss://127.0.0.1"



=== TEST 23: an authority that is none
--- bare
--- http_config
    api_key_redis rediss://127.0.0.1 tls_ca=/etc/hostname;
--- config
--- must_die
--- error_log
tls_ca: "/etc/hostname" cannot be used: 



=== TEST 24: verification neither on nor off
--- bare
--- http_config
    api_key_redis rediss://127.0.0.1 tls_verify=maybe;
--- config
--- must_die
--- error_log
invalid tls_verify=, expected on or off: "maybe"



=== TEST 25: sentinels without a master
--- bare
--- http_config
    api_key_redis redis+sentinel://127.0.0.1;
--- config
--- must_die
--- error_log
expected redis+sentinel://host:port,host:port/master



=== TEST 26: a cluster with a database
--- bare
--- http_config
    api_key_redis redis+cluster://127.0.0.1/1;
--- config
--- must_die
--- error_log
a cluster has no databases



=== TEST 27: two servers that are no cluster
--- bare
--- http_config
    api_key_redis redis://127.0.0.1,127.0.0.2;
--- config
--- must_die
--- error_log
more than one server: use redis+sentinel:// or redis+cluster://



=== TEST 28: durable, but what
--- bare
--- http_config
    api_key_redis redis://127.0.0.1 durable=on;
--- config
--- must_die
--- error_log
invalid durable=, expected grants: "on"



=== TEST 29: a semicolon that is missing
--- config
    location /v1/ {
        api_key proxy
        proxy_pass http://127.0.0.1:1;
    }
--- must_die
--- error_log
unknown api_key_type "proxy_pass", this is a directive, is ";" missing before it? in



=== TEST 30: a type without any declared
--- bare
--- http_config
    api_key_zone zone=keys:1m;
--- config
    location /v1/ { api_key proxy; }
--- must_die
--- error_log
unknown api_key_type "proxy", none is declared, in



=== TEST 31: a type declared twice
--- bare
--- http_config
    api_key_type a prefix=ms-;
    api_key_type a prefix=mk-;
--- config
--- must_die
--- error_log
duplicate key type "a"



=== TEST 32: a time that is none
--- config
    location /v1/ { api_key_stale soon; }
--- must_die
--- error_log
invalid time in "api_key_stale", expected a time such as 60s or 5m, or 0: "soon"



=== TEST 33: an alert without a secret
--- bare
--- http_config
    api_key_alert https://127.0.0.1/hook;
--- config
--- must_die
--- error_log
missing or invalid parameter, expected a URL and secret_file=FILE: "https://127.0.0.1/hook"
=== TEST 29: an empty prefix
--- bare
--- http_config
    api_key_type a prefix=;
--- config
--- must_die
--- error_log
invalid or missing prefix, expected prefix= and 1 to 32 characters of [0-9A-Za-z_-] in type "a"



=== TEST 30: keys made elsewhere need a prefix= too, be it empty
--- bare
--- http_config
    api_key_type a format=any;
--- config
--- must_die
--- error_log
invalid or missing prefix, expected prefix= and 1 to 32 characters of [0-9A-Za-z_-] in type "a"



=== TEST 31: another format of keys
--- bare
--- http_config
    api_key_type a prefix=sk- format=uuid;
--- config
--- must_die
--- error_log
invalid parameter, expected prefix=STR, manages or format=any: "format=uuid"



=== TEST 34: a reserve that is none
--- config
    location /v1/ { api_key_stale 60s reserve=0; }
--- must_die
--- error_log
invalid parameter of "api_key_stale", expected reserve=N with 1 to 10000 requests: "reserve=0"



=== TEST 35: a reserve where nothing is used while Redis is away
--- config
    location /v1/ { api_key_stale 0 reserve=5; }
--- must_die
--- error_log
"api_key_stale 0" uses nothing while Redis is away, so it has no "reserve=5"
