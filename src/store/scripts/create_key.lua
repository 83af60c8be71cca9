-- A new key: its record, its place in the digest index, in its account's list and among the aliases, and the answer that its
-- Idempotency-Key repeats. All of it, or nothing.
--
-- KEYS  epoch, account, key, digest bucket, list, types, aliases, idempotency record, expiring keys, pace of changes, lists of all types,
--       audit log, its head
-- ARGV  audit entry (see shared/audit.lua), pace: interval in ms and burst, how many keys an account may have (0: any), id, account id,
--       type, digest, alias (may be empty), body digest (empty: no Idempotency-Key), sealed answer, field, value, …
-- USES  audit, clock, expiry, once, pace
local epoch, account, key, bucket, list, types, aliases, once = unpack(KEYS)
local interval_ms, burst, most, id, account_id, type, digest, alias, body, sealed = unpack(ARGV, 5, 14)

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local earlier = answered_before(once, body)
if earlier then
  return earlier
end
local state = redis.call('HGET', account, 'active')
if not state then
  return {'gone'}
end
if state ~= '1' then
  return {'account_inactive'}
end
local keys = 0
for index = 11, #KEYS - 2 do
  keys = keys + redis.call('ZCARD', KEYS[index])
end
if tonumber(most) > 0 and keys >= tonumber(most) then
  return {'too_many'}
end
local pace = open_pace(KEYS[10], interval_ms, burst, clock_ms())
if pace.wait_ms > 0 then
  return {'too_often', pace.wait_ms}
end
local moved = audit_has_moved()
if moved then
  return moved
end
if alias ~= '' and redis.call('HSETNX', aliases, alias, id) == 0 then
  return {'alias_taken'}
end

redis.call('HSET', key, 'ver', 1, 'created', string.format('%.0f', clock_ms()), unpack(ARGV, 15))
redis.call('HSET', bucket, digest, id .. ':' .. account_id)
redis.call('ZADD', list, id, id)
note_expiry(KEYS[9], key, account_id, id)
redis.call('SADD', types, type)
remember_answer(once, body, sealed)
write_audit()
keep_pace(pace)
return {'ok'}
