-- Records that a request presented a key.
--
-- KEYS  epoch, key
-- ARGV  field (`used` when it was let in, else `refused`)
-- ANSWERS  ok, empty, gone
-- USES  clock
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
if redis.call('EXISTS', key) == 0 then
  return {'gone'}
end
redis.call('HSET', key, field, string.format('%.0f', clock_ms()))
return {'ok'}
