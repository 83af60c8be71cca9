-- A new secret for a key. The old one stays good until `until_ms` from now on, or is gone at once.
--
-- KEYS  epoch, key, new bucket, old bucket, bucket of the one before that, sequence, idempotency record
-- ARGV  channel, id, account id, expected version, new digest, old digest, digest before that (may be empty), new pepper version, new shown
--       prefix, overlap in ms, body digest (empty: no Idempotency-Key), sealed answer
local epoch, key, new_bucket, old_bucket, older_bucket, sequence, once = unpack(KEYS)
local channel, id, account_id, expected, new_digest, old_digest, older_digest, pepper, prefix, overlap_ms, body, sealed = unpack(ARGV)

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
if body ~= '' then
  local earlier = redis.call('HMGET', once, 'body', 'answer')
  if earlier[1] then
    if earlier[1] ~= body then
      return {'mismatch'}
    end
    return {'repeat', earlier[2]}
  end
end
local version = redis.call('HGET', key, 'ver')
if not version then
  return {'gone'}
end
if version ~= expected then
  return {'changed'}
end
if older_digest ~= '' then
  redis.call('HDEL', older_bucket, older_digest)
end
if tonumber(overlap_ms) > 0 then
  local time = redis.call('TIME')
  local until_ms = time[1] * 1000 + math.floor(time[2] / 1000) + overlap_ms
  redis.call('HSET', key, 'prev', old_digest, 'until', string.format('%d', until_ms))
else
  redis.call('HDEL', key, 'prev', 'until')
  redis.call('HDEL', old_bucket, old_digest)
end
redis.call('HSET', key, 'digest', new_digest, 'pepper', pepper, 'prefix', prefix)
redis.call('HSET', new_bucket, new_digest, id .. ':' .. account_id)
if body ~= '' then
  redis.call('HSET', once, 'body', body, 'answer', sealed)
  redis.call('EXPIRE', once, 86400)
end
version = redis.call('HINCRBY', key, 'ver', 1)
local number = redis.call('INCR', sequence)
redis.call('PUBLISH', channel, number .. ' key ' .. id .. ' ' .. version)
return {'ok', version, number}
