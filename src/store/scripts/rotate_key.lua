-- A new secret for a key. The old one stays good until `until_ms` from now on, or is gone at once.
--
-- KEYS  epoch, key, new bucket, old bucket, bucket of the one before that, sequence, idempotency record, pace of changes, audit log, its
--       head
-- ARGV  audit entry (see shared/audit.lua), pace: interval in ms and burst, channel, id, account id, expected version, new digest,
--       old digest, digest before that (may be empty), new pepper version, new shown prefix, overlap in ms, body digest (empty: no
--       Idempotency-Key), sealed answer
-- USES  audit, change, clock, once, pace
local epoch, key, new_bucket, old_bucket, older_bucket, sequence, once = unpack(KEYS)
local interval_ms, burst, channel, id, account_id, expected, new_digest = unpack(ARGV, 5, 11)
local old_digest, older_digest, pepper, prefix, overlap_ms, body, sealed = unpack(ARGV, 12)

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local earlier = answered_before(once, body)
if earlier then
  return earlier
end
local version = redis.call('HGET', key, 'ver')
if not version then
  return {'gone'}
end
if version ~= expected then
  return {'changed'}
end
local pace = open_pace(KEYS[8], interval_ms, burst, clock_ms())
if pace.wait_ms > 0 then
  return {'too_often', pace.wait_ms}
end
local moved = audit_has_moved()
if moved then
  return moved
end
if older_digest ~= '' then
  redis.call('HDEL', older_bucket, older_digest)
end
if tonumber(overlap_ms) > 0 then
  redis.call('HSET', key, 'prev', old_digest, 'until', string.format('%.0f', clock_ms() + overlap_ms))
else
  redis.call('HDEL', key, 'prev', 'until')
  redis.call('HDEL', old_bucket, old_digest)
end
redis.call('HSET', key, 'digest', new_digest, 'pepper', pepper, 'prefix', prefix)
redis.call('HSET', new_bucket, new_digest, id .. ':' .. account_id)
remember_answer(once, body, sealed)
write_audit()
keep_pace(pace)
version = redis.call('HINCRBY', key, 'ver', 1)
return {'ok', version, publish_change(sequence, channel, 'key', id, version)}
