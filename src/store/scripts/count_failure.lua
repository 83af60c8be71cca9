-- A wrong key from an address. The same one counts once a minute; too many within the window block the address.
--
-- KEYS  epoch, the address's failures, blocks, version of the blocks
-- ARGV  network, what was sent (a digest), failures that block, window in ms, how long to block in ms
-- USES  clock
local epoch, failures, blocks, version = unpack(KEYS)
local network, attempt, most, window_ms, for_ms = unpack(ARGV)
local remembered_ms = math.max(tonumber(window_ms), 60000)

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local now_ms = clock_ms()
local now = string.format('%.0f', now_ms)
redis.call('ZREMRANGEBYSCORE', failures, '-inf', string.format('%.0f', now_ms - remembered_ms))
for _, member in ipairs(redis.call('ZRANGEBYSCORE', failures, string.format('(%.0f', now_ms - 60000), '+inf')) do
  if string.sub(member, 1, #attempt) == attempt then
    return {'ok', 0, now_ms}
  end
end
redis.call('ZADD', failures, now, attempt .. ':' .. now)
if redis.call('ZCOUNT', failures, string.format('(%.0f', now_ms - window_ms), '+inf') < tonumber(most) then
  redis.call('PEXPIRE', failures, string.format('%.0f', remembered_ms))
  return {'ok', 0, now_ms}
end
redis.call('DEL', failures)
redis.call('ZREMRANGEBYSCORE', blocks, '-inf', now)
redis.call('ZADD', blocks, 'GT', string.format('%.0f', now_ms + for_ms), network)
redis.call('INCR', version)
return {'ok', now_ms + for_ms, now_ms}
