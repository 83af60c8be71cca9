use lib 't/lib';
use ApiKeyTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: it is read, without a key
--- config
    location /v1/ { api_key proxy; empty_gif; }
    location = /health { api_key_health; }
--- request
POST /health
--- error_code: 405



=== TEST 2: twice
--- config
    location = /health { api_key_health; api_key_health; }
--- must_die
--- error_log
"api_key_health" directive is duplicate



=== TEST 3: where nothing asks for a key, nothing is healthy
--- bare
--- config
    location = /health { api_key_health; }
--- request
GET /health
--- error_code: 503
