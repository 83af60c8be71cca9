-- Changes one field of an account, and so all its keys.
--
-- KEYS  epoch, account, sequence
-- ARGV  channel, id, field, value (empty removes the field)
-- USES  change
local epoch, account, sequence = unpack(KEYS)
local channel, id, field, value = unpack(ARGV)

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
if redis.call('EXISTS', account) == 0 then
  return {'gone'}
end
if value == '' then
  redis.call('HDEL', account, field)
else
  redis.call('HSET', account, field, value)
end
local version = redis.call('HINCRBY', account, 'ver', 1)
return {'ok', version, publish_change(sequence, channel, 'account', id, version)}
