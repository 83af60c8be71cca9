-- Changes fields of a key, if it still has the version that the caller has read.
--
-- KEYS  epoch, key, aliases, sequence, expiring keys, audit log, its head
-- ARGV  audit entry (see shared/audit.lua), channel, id, expected version, old alias, new alias, account id, field, value, … (an empty value removes the field)
-- USES  audit, change, expiry
local epoch, key, aliases, sequence = unpack(KEYS)
local channel, id, expected, old_alias, new_alias, account_id = unpack(ARGV, 5, 10)

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local version = redis.call('HGET', key, 'ver')
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
if new_alias ~= old_alias then
  if new_alias ~= '' and redis.call('HSETNX', aliases, new_alias, id) == 0 then
    return {'alias_taken'}
  end
  if old_alias ~= '' then
    redis.call('HDEL', aliases, old_alias)
  end
end
local expired = redis.call('HGET', key, 'expires')
for index = 11, #ARGV, 2 do
  if ARGV[index + 1] == '' then
    redis.call('HDEL', key, ARGV[index])
  else
    redis.call('HSET', key, ARGV[index], ARGV[index + 1])
  end
end
if redis.call('HGET', key, 'expires') ~= expired then
  note_expiry(KEYS[5], key, account_id, id)
end
write_audit()
version = redis.call('HINCRBY', key, 'ver', 1)
return {'ok', version, publish_change(sequence, channel, 'key', id, version)}
