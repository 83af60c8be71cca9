-- Begins a session of the dashboard.
--
-- KEYS  epoch, session, audit log, its head
-- ARGV  audit entry (see shared/audit.lua), account id, key id, sealed digest of the key, how long in ms it lives unused, and at most
-- USES  audit, clock
local account_id, key_id, sealed, idle_ms, lasts_ms = unpack(ARGV, 5)

if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
local moved = audit_has_moved()
if moved then
  return moved
end
local until_ms = string.format('%.0f', clock_ms() + lasts_ms)
redis.call('HSET', KEYS[2], 'account', account_id, 'key', key_id, 'sealed', sealed, 'until', until_ms)
redis.call('PEXPIRE', KEYS[2], idle_ms)
write_audit()
return {'ok', until_ms}
