-- Records a failed attempt at the management API in the security log: once a minute for each network, reason and key, and within a pace for
-- all of them. Answers with the length of the log.
--
-- KEYS  epoch, attempt, pace_key (of attempts)
-- ARGV  interval_ms (of that pace), burst
-- ANSWERS  ok, empty
-- USES  audit, clock, pace
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local pace = open_pace(pace_key, interval_ms, burst, clock_ms())
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
return {'ok', redis.call('XLEN', audit_log)}
