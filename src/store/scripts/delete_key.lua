-- Removes a key and everything that names it, but for its label: the request log has its id alone.
--
-- KEYS  epoch, key, bucket, bucket of the secret before the last rotation, list, aliases, sequence, the key's days, its hours, expiring
--       keys, spending, levels of alerts, deleted keys, audit log, its head
-- ARGV  audit entry (see shared/audit.lua), channel, id, expected version, digest, digest before the last rotation (may be empty),
--       alias (may be empty), account id, '1' for: only when never used, its label
-- USES  audit, change, clock, integers, wallet
local epoch, key, bucket, older_bucket, list, aliases, sequence = unpack(KEYS)
local channel, id, expected, digest, older_digest, alias, account_id, only_unused, label = unpack(ARGV, 5)
local most_labels = 10000

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local state = redis.call('HMGET', key, 'ver', 'used', 'refused')
if not state[1] then
  return {'gone'}
end
if only_unused == '1' and (state[2] or state[3]) then
  return {'used'}
end
if state[1] ~= expected then
  return {'changed'}
end
local moved = audit_has_moved()
if moved then
  return moved
end
redis.call('DEL', key, KEYS[8], KEYS[9])
redis.call('HDEL', bucket, digest)
if older_digest ~= '' then
  redis.call('HDEL', older_bucket, older_digest)
end
redis.call('ZREM', list, id)
redis.call('ZREM', KEYS[10], account_id .. ':' .. id)
if alias ~= '' then
  redis.call('HDEL', aliases, alias)
end
redis.call('HDEL', KEYS[12], 'key.spend:' .. id .. ':month', 'key.quota:' .. id .. ':total', 'key.quota:' .. id .. ':daily',
  'key.quota:' .. id .. ':weekly', 'key.quota:' .. id .. ':monthly')
redis.call('ZADD', KEYS[13], id, label)
redis.call('ZREMRANGEBYRANK', KEYS[13], 0, -most_labels - 1)
local spending = open_spending(KEYS[11], id, clock_ms())
spending.gone = true
save_spending(spending)
write_audit()
return {'ok', expected + 1, publish_change(sequence, channel, 'key', id, expected + 1)}
