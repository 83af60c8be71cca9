-- An entry of the security log for what has been done outside of the store.
--
-- KEYS  epoch, audit log, its head
-- ARGV  audit entry (see shared/audit.lua)
-- USES  audit
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
local moved = audit_has_moved()
if moved then
  return moved
end
write_audit()
return {'ok'}
