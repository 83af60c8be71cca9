-- A failed attempt at the management API goes into the security log: once a minute for each network, reason and key, and not too many of
-- all. Answers how long the log is.
--
-- KEYS  epoch, the attempt, pace of attempts, the log, its head
-- ARGV  audit entry (see shared/audit.lua), pace: interval in ms and burst
-- USES  audit, clock, pace
local epoch, attempt, log = KEYS[1], KEYS[2], KEYS[4]

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local pace = open_pace(KEYS[3], ARGV[5], ARGV[6], clock_ms())
if redis.call('EXISTS', attempt) == 1 or pace.wait_ms > 0 then
  return {'ok', 0}
end
local moved = audit_has_moved()
if moved then
  return moved
end
redis.call('SET', attempt, '1', 'EX', 60)
keep_pace(pace)
write_audit()
return {'ok', redis.call('XLEN', log)}
