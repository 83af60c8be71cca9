-- Blocks an address, or ends its block and forgets its failures.
--
-- KEYS  epoch, failures (of the address), blocks, version (of the blocks)
-- ARGV  network, for_ms (0: not blocked)
-- ANSWERS  ok, empty, gone
-- USES  clock
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local now_ms = clock_ms()
redis.call('ZREMRANGEBYSCORE', blocks, '-inf', string.format('%.0f', now_ms))
local until_ms = 0
if for_ms == '0' then
  redis.call('DEL', failures)
  if redis.call('ZREM', blocks, network) == 0 then
    return {'gone'}
  end
else
  until_ms = now_ms + for_ms
  redis.call('ZADD', blocks, string.format('%.0f', until_ms), network)
end
redis.call('INCR', version)
return {'ok', until_ms, now_ms}
