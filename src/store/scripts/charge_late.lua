-- Charges requests that were let in before their key had a quota and are reported after: its windows count them too.
--
-- KEYS  epoch; each: key, day, hour
-- ARGV  each: requests
-- ANSWERS  ok, empty
-- USES  clock, limits, windows
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local now_ms = clock_ms()
for index = 1, each_count do
  local one = each(index)
  local record = redis.call('HMGET', one.key, 'ver', unpack(quota_names))
  local bits = bits_of(quotas_in(record, 1))
  if record[1] and bits > 0 then
    for _, ring in pairs(open_rings({day = one.day, hour = one.hour}, bits, now_ms)) do
      charge_ring(ring, math.min(tonumber(one.requests), largest_bucket - bucket(ring, ring.newest)))
      save_ring(ring)
    end
    redis.call('HINCRBY', one.key, 'count', one.requests)
  end
end
return {'ok'}
