-- A failed attempt at the management API goes into the security log: once a minute for each address, reason and key.
--
-- KEYS  epoch, the attempt, the log, its head
-- ARGV  see shared/audit.lua
-- USES  audit
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
if redis.call('EXISTS', KEYS[2]) == 1 then
  return {'ok'}
end
local moved = audit_has_moved()
if moved then
  return moved
end
redis.call('SET', KEYS[2], '1', 'EX', 60)
write_audit()
return {'ok'}
