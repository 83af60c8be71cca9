-- Keys have been used. Answers 1 for each that exists, 0 for each that does not.
--
-- KEYS  the keys
local time = redis.call('TIME')
local now_ms = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
local exists = {}
for index, key in ipairs(KEYS) do
  exists[index] = redis.call('EXISTS', key)
  if exists[index] == 1 then
    redis.call('HSET', key, 'used', now_ms)
  end
end
return exists
