-- Writes an entry of the security log for something done outside of the store.
--
-- KEYS  epoch
-- ANSWERS  ok, empty
-- USES  audit
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local moved = audit_has_moved()
if moved then
  return moved
end
write_audit()
return {'ok'}
