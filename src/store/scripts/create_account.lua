-- Creates an account. The first one makes the epoch record, which tells an emptied store from a new one.
--
-- KEYS  epoch, schema, accounts, account, peppers
-- ARGV  id, name, plan (may be empty), random (a text for the epoch), version (of the pepper), fingerprint (of it)
-- ANSWERS  ok
-- USES  audit, clock
local moved = audit_has_moved()
if moved then
  return moved
end

if redis.call('SET', epoch, random, 'NX') then
  redis.call('HSETNX', peppers, version, fingerprint)
end
redis.call('SET', schema, '1', 'NX')
redis.call('ZADD', accounts, id, id)
redis.call('HSET', account, 'name', name, 'active', '1', 'created', string.format('%.0f', clock_ms()), 'ver', 1)
if plan ~= '' then
  redis.call('HSET', account, 'plan', plan)
end
write_audit()
return {'ok'}
