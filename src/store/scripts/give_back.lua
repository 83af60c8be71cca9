-- Requests that were granted and not used. Where a key was refused meanwhile, every node hears that it has room again.
--
-- KEYS  epoch, sequence; of each key: key, its days, its hours, the account's seconds, its minutes
-- ARGV  channel; of each key: id, requests, when they were charged, the bits of what they were charged to
-- USES  change, clock, windows
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
local now_ms = clock_ms()
for index = 0, (#KEYS - 2) / 5 - 1 do
  local key, day, hour, second, minute = unpack(KEYS, index * 5 + 3, index * 5 + 7)
  local id, requests, charged_ms, bits = unpack(ARGV, index * 4 + 2, index * 4 + 5)
  local record = redis.call('HMGET', key, 'ver', 'full', 'count')
  if record[1] then
    for _, ring in pairs(open_rings({day = day, hour = hour, second = second, minute = minute}, tonumber(bits), now_ms)) do
      give_back_to_ring(ring, tonumber(requests), tonumber(charged_ms))
      save_ring(ring)
    end
    if has_bit(bits, 4) and record[3] then
      redis.call('HINCRBY', key, 'count', -math.min(tonumber(requests), tonumber(record[3])))
    end
    if record[2] then
      redis.call('HDEL', key, 'full')
      publish_change(KEYS[2], ARGV[1], 'room', id, record[1])
    end
  end
end
return {'ok'}
