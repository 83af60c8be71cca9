-- A failed attempt at the management API goes into the security log: once a minute for each network, reason and key, and not too many of
-- all.
--
-- KEYS  epoch, the attempt, the attempts of this minute, the log, its head
-- ARGV  see shared/audit.lua; how many a minute at most
-- USES  audit
local epoch, attempt, attempts = unpack(KEYS)

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
if redis.call('EXISTS', attempt) == 1 or tonumber(redis.call('GET', attempts) or 0) >= tonumber(ARGV[5]) then
  return {'ok'}
end
local moved = audit_has_moved()
if moved then
  return moved
end
redis.call('SET', attempt, '1', 'EX', 60)
if redis.call('INCR', attempts) == 1 then
  redis.call('EXPIRE', attempts, 60)
end
write_audit()
return {'ok'}
