-- Ends a session of the dashboard.
--
-- KEYS  epoch, session, audit log, its head
-- ARGV  audit entry (see shared/audit.lua)
-- USES  audit
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
if redis.call('EXISTS', KEYS[2]) == 0 then
  return {'gone'}
end
local moved = audit_has_moved()
if moved then
  return moved
end
redis.call('DEL', KEYS[2])
write_audit()
return {'ok'}
