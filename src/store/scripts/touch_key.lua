-- A key has been used.
--
-- KEYS  epoch, the key
-- USES  clock
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
if redis.call('EXISTS', KEYS[2]) == 0 then
  return {'gone'}
end
redis.call('HSET', KEYS[2], 'used', string.format('%.0f', clock_ms()))
return {'ok'}
