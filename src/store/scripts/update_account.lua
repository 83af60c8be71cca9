-- Renames, disables or enables an account, if it still has the version that the caller has read.
--
-- KEYS  epoch, account, sequence
-- ARGV  channel, id, expected (version), name, active ('1' or '0')
-- ANSWERS  ok, empty, gone, changed
-- USES  audit, change
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local version = redis.call('HGET', account, 'ver')
if not version then
  return {'gone'}
end
if version ~= expected then
  return {'changed'}
end
local moved = audit_has_moved()
if moved then
  return moved
end
redis.call('HSET', account, 'name', name, 'active', active)
write_audit()
return {'ok', publish_change(sequence, channel, 'account', id, redis.call('HINCRBY', account, 'ver', 1))}
