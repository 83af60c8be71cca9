-- Requests that were let in before their key had a quota, and are reported after: its windows count them too.
--
-- KEYS  epoch; of each key: key, its days, its hours
-- ARGV  of each key: requests
-- USES  clock, windows
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
local now_ms = clock_ms()
for index, requests in ipairs(ARGV) do
  local key, day, hour = unpack(KEYS, index * 3 - 1, index * 3 + 1)
  local quotas = redis.call('HMGET', key, 'ver', 'total', 'daily', 'weekly', 'monthly')
  local bits = (quotas[3] and 8 or 0) + ((quotas[4] or quotas[5]) and 16 or 0)
  if quotas[1] and (bits > 0 or quotas[2]) then
    for _, ring in pairs(open_rings({day = day, hour = hour}, bits, now_ms)) do
      charge_ring(ring, math.min(tonumber(requests), largest_bucket - bucket(ring, ring.newest)))
      save_ring(ring)
    end
    redis.call('HINCRBY', key, 'count', requests)
  end
end
return {'ok'}
