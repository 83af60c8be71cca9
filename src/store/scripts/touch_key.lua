-- A request has shown a key.
--
-- KEYS  epoch, the key
-- ARGV  `used` when it was let in, else `refused`
-- USES  clock
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
if redis.call('EXISTS', KEYS[2]) == 0 then
  return {'gone'}
end
redis.call('HSET', KEYS[2], ARGV[1], string.format('%.0f', clock_ms()))
return {'ok'}
