-- Counts a wrong key from an address. The same one counts once a minute; too many within the window block the address, and no more than
-- those are remembered.
--
-- KEYS  epoch, failures (of the address), blocks, version (of the blocks)
-- ARGV  network, attempt (a digest of what was sent), most (failures: so many block), window_ms, for_ms (how long to block)
-- ANSWERS  ok, empty
-- USES  clock
local remembered_ms = math.max(tonumber(window_ms), 60000)

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local now_ms = clock_ms()
local now = string.format('%.0f', now_ms)
local minute = math.floor(now_ms / 60000)
for earlier = minute - 1, minute do
  local at = redis.call('ZSCORE', failures, attempt .. ':' .. earlier)
  if at and tonumber(at) > now_ms - 60000 then
    return {'ok', 0, now_ms}
  end
end
redis.call('ZADD', failures, now, attempt .. ':' .. minute)
redis.call('ZREMRANGEBYRANK', failures, 0, -tonumber(most) - 1)
redis.call('ZREMRANGEBYSCORE', failures, '-inf', string.format('%.0f', now_ms - remembered_ms))
if redis.call('ZCOUNT', failures, string.format('(%.0f', now_ms - window_ms), '+inf') < tonumber(most) then
  redis.call('PEXPIRE', failures, string.format('%.0f', remembered_ms))
  return {'ok', 0, now_ms}
end
redis.call('DEL', failures)
redis.call('ZREMRANGEBYSCORE', blocks, '-inf', now)
redis.call('ZADD', blocks, 'GT', string.format('%.0f', now_ms + for_ms), network)
redis.call('INCR', version)
return {'ok', now_ms + for_ms, now_ms}
