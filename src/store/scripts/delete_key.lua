-- Removes a key and everything that names it, except its label: the request log has only its id.
--
-- KEYS  epoch, key, bucket (of the digest), older_bucket (of the secret before the last rotation), list, aliases, sequence, day, hour,
--       expiring, spending_key, levels (of alerts), deleted
-- ARGV  channel, id, expected (version), digest, older_digest (may be empty), alias (may be empty), account_id,
--       only_unused ('1': only when it was never used), label
-- ANSWERS  ok, empty, gone, used, changed
-- USES  audit, change, clock, integers, limits, wallet
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
redis.call('DEL', key, day, hour)
redis.call('HDEL', bucket, digest)
if older_digest ~= '' then
  redis.call('HDEL', older_bucket, older_digest)
end
redis.call('ZREM', list, id)
redis.call('ZREM', expiring, account_id .. ':' .. id)
if alias ~= '' then
  redis.call('HDEL', aliases, alias)
end
redis.call('HDEL', levels, 'key.spend:' .. id .. ':month')
for _, name in ipairs(quota_names) do
  redis.call('HDEL', levels, 'key.quota:' .. id .. ':' .. name)
end
redis.call('ZADD', deleted, id, label)
redis.call('ZREMRANGEBYRANK', deleted, 0, -most_labels - 1)
local spending = open_spending(spending_key, id, clock_ms())
spending.gone = true
save_spending(spending)
write_audit()
return {'ok', expected + 1, publish_change(sequence, channel, 'key', id, expected + 1)}
