-- Takes the oldest entries out of a log: the entry that is written says up to which, and that one's signature. Some at a time; what is left
-- of them goes with the next.
--
-- KEYS  epoch, the log, its head
-- ARGV  audit entry (see shared/audit.lua), number of the first entry that stays
-- USES  audit
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
local moved = audit_has_moved()
if moved then
  return moved
end
write_audit()
redis.call('HSET', KEYS[3], 'trimmed', string.format('%.0f', ARGV[1] + 1))
redis.call('XTRIM', KEYS[2], 'MINID', '~', ARGV[5] .. '-0', 'LIMIT', 2000)
return {'ok'}
