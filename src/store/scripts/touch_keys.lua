-- Keys have been used. Answers 1 for each that exists, 0 for each that does not.
--
-- KEYS  epoch, the keys
-- USES  clock
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
local now_ms = string.format('%.0f', clock_ms())
local exists = {}
for index = 2, #KEYS do
  local key = KEYS[index]
  exists[index - 1] = redis.call('EXISTS', key)
  if exists[index - 1] == 1 then
    redis.call('HSET', key, 'used', now_ms)
  end
end
return exists
