-- Begins a session of the dashboard.
--
-- KEYS  epoch, session, pace_key (of sign-ins)
-- ARGV  interval_ms (of that pace), burst, account_id, key_id, sealed (the key's digest), idle_ms (it lives so long unused),
--       lasts_ms (and so long at most)
-- ANSWERS  ok, empty, too_often
-- USES  audit, clock, pace
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local pace = open_pace(pace_key, interval_ms, burst, clock_ms())
if pace.wait_ms > 0 then
  return {'too_often', pace.wait_ms}
end
local moved = audit_has_moved()
if moved then
  return moved
end
local until_ms = string.format('%.0f', clock_ms() + lasts_ms)
redis.call('HSET', session, 'account', account_id, 'key', key_id, 'sealed', sealed, 'until', until_ms)
redis.call('PEXPIRE', session, idle_ms)
write_audit()
keep_pace(pace)
return {'ok', until_ms}
