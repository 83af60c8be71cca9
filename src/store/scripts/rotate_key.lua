-- Sets a new secret for a key. The old one stays good until `until_ms` from now on, or is gone at once.
--
-- KEYS  epoch, key, new_bucket, old_bucket, older_bucket (of the secret before that), sequence, once (the record of its Idempotency-Key),
--       pace_key
-- ARGV  interval_ms (of the pace of changes), burst, channel, id, account_id, expected (version), new_digest, old_digest,
--       older_digest (may be empty), pepper (its new version), prefix (the new one that is shown), overlap_ms,
--       body (its digest; empty: no Idempotency-Key), sealed (the answer)
-- ANSWERS  ok, empty, gone, changed, too_often
-- USES  audit, change, clock, once, pace
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
local pace = open_pace(pace_key, interval_ms, burst, clock_ms())
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
