-- Begins a session of the dashboard.
--
-- KEYS  epoch, session, pace of sign-ins, audit log, its head
-- ARGV  audit entry (see shared/audit.lua), pace: interval in ms and burst, account id, key id, sealed digest of the key,
--       how long in ms it lives unused, and at most
-- USES  audit, clock, pace
local interval_ms, burst, account_id, key_id, sealed, idle_ms, lasts_ms = unpack(ARGV, 5)

if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
local pace = open_pace(KEYS[3], interval_ms, burst, clock_ms())
if pace.wait_ms > 0 then
  return {'too_often', pace.wait_ms}
end
local moved = audit_has_moved()
if moved then
  return moved
end
local until_ms = string.format('%.0f', clock_ms() + lasts_ms)
redis.call('HSET', KEYS[2], 'account', account_id, 'key', key_id, 'sealed', sealed, 'until', until_ms)
redis.call('PEXPIRE', KEYS[2], idle_ms)
write_audit()
keep_pace(pace)
return {'ok', until_ms}
