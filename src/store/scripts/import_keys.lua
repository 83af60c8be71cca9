-- Creates keys of one account that were made elsewhere: of each its record, its place in the digest index, in the list of its type and
-- among the aliases. All of them, or none: `changed` if one of them, or its alias, is there already.
--
-- KEYS  epoch, account, list (of the type), types, aliases, expiring, names... (of each key: its record, the bucket of its digest)
-- ARGV  account_id, type, records... (of each key: id, digest, alias (may be empty), expires (may be empty), how many texts follow,
--       field, value, …)
-- ANSWERS  ok, empty, gone, account_inactive, changed
-- USES  audit, clock, expiry
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local state = redis.call('HGET', account, 'active')
if not state then
  return {'gone'}
end
if state ~= '1' then
  return {'account_inactive'}
end
local keys, at = {}, first_records
for name = first_names, last_names, 2 do
  local count = tonumber(ARGV[at + 4])
  local one = {key = KEYS[name], bucket = KEYS[name + 1], id = ARGV[at], digest = ARGV[at + 1], alias = ARGV[at + 2], expires = ARGV[at + 3],
    first = at + 5, last = at + 4 + count}
  if redis.call('HEXISTS', one.bucket, one.digest) == 1 or (one.alias ~= '' and redis.call('HEXISTS', aliases, one.alias) == 1) then
    return {'changed'}
  end
  keys[#keys + 1] = one
  at = one.last + 1
end
local moved = audit_has_moved()
if moved then
  return moved
end

local created = string.format('%.0f', clock_ms())
for _, one in ipairs(keys) do
  redis.call('HSET', one.key, 'ver', 1, 'created', created, unpack(ARGV, one.first, one.last))
  redis.call('HSET', one.bucket, one.digest, one.id .. ':' .. account_id)
  redis.call('ZADD', list, one.id, one.id)
  if one.alias ~= '' then
    redis.call('HSET', aliases, one.alias, one.id)
  end
  if one.expires ~= '' then
    note_expiry(expiring, one.key, account_id, one.id)
  end
end
redis.call('SADD', types, type)
write_audit()
return {'ok'}
