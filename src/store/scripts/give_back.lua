-- Gives back requests that were granted and not used. If the key was refused in between, all nodes are told that it has room again.
--
-- KEYS  epoch, sequence; each: key, second, minute, day, hour
-- ARGV  channel; each: id, requests, charged_ms (when they were charged), bits (of what they were charged to)
-- ANSWERS  ok, empty
-- USES  change, clock, limits, windows
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local now_ms = clock_ms()
for index = 1, each_count do
  local one = each(index)
  local requests, bits = tonumber(one.requests), tonumber(one.bits)
  local record = redis.call('HMGET', one.key, 'ver', 'full', 'count')
  if record[1] then
    for _, ring in pairs(open_rings(one, bits, now_ms)) do
      give_back_to_ring(ring, requests, tonumber(one.charged_ms))
      save_ring(ring)
    end
    if has_bit(bits, count_bit) and record[3] then
      redis.call('HINCRBY', one.key, 'count', -math.min(requests, tonumber(record[3])))
    end
    if record[2] then
      redis.call('HDEL', one.key, 'full')
      publish_change(sequence, channel, 'room', one.id, record[1])
    end
  end
end
return {'ok'}
