-- Ends a session of the dashboard.
--
-- KEYS  epoch, session
-- ANSWERS  ok, empty, gone
-- USES  audit
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
if redis.call('EXISTS', session) == 0 then
  return {'gone'}
end
local moved = audit_has_moved()
if moved then
  return moved
end
redis.call('DEL', session)
write_audit()
return {'ok'}
