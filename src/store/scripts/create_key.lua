-- Creates a key: its record, its place in the digest index, in its account's list and among the aliases, and the answer that its
-- Idempotency-Key repeats. All of it, or nothing.
--
-- KEYS  epoch, account, key, bucket (of the digest), list, types, aliases, once (the record of its Idempotency-Key), expiring, pace_key,
--       lists... (of all types)
-- ARGV  interval_ms (of the pace of changes), burst, most (keys that an account may have; 0: any), id, account_id, type, digest,
--       alias (may be empty), body (its digest; empty: no Idempotency-Key), sealed (the answer), fields... (field, value, …)
-- ANSWERS  ok, empty, gone, account_inactive, too_many, too_often, alias_taken
-- USES  audit, clock, expiry, once, pace
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
for index = first_lists, last_lists do
  keys = keys + redis.call('ZCARD', KEYS[index])
end
if tonumber(most) > 0 and keys >= tonumber(most) then
  return {'too_many'}
end
local pace = open_pace(pace_key, interval_ms, burst, clock_ms())
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

redis.call('HSET', key, 'ver', 1, 'created', string.format('%.0f', clock_ms()), unpack(ARGV, first_fields))
redis.call('HSET', bucket, digest, id .. ':' .. account_id)
redis.call('ZADD', list, id, id)
note_expiry(expiring, key, account_id, id)
redis.call('SADD', types, type)
remember_answer(once, body, sealed)
write_audit()
keep_pace(pace)
return {'ok'}
