-- Removes the oldest entries of a log: the entry that is written has the number and the signature of the last of them. Removes some at a
-- time; the rest goes with the next call.
--
-- KEYS  epoch
-- ARGV  first (the number of the first entry that stays)
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
redis.call('HSET', audit_head, 'trimmed', string.format('%.0f', audit_number + 1))
redis.call('XTRIM', audit_log, 'MINID', '~', first .. '-0', 'LIMIT', 2000)
return {'ok'}
