-- Changes fields of a key, if it still has the version that the caller has read.
--
-- A quota that is new counts what the key was used for before. Requests that are reported later are charged by charge_late.lua.
--
-- KEYS  epoch, key, aliases, sequence, expiring keys, today's counter of use, the key's days, its hours, pace of changes, audit log,
--       its head
-- ARGV  audit entry (see shared/audit.lua), pace: interval in ms and burst, channel, id, expected version, old alias, new alias, account
--       id, what today's counter said (empty: no quota is new), all requests (empty: they are counted already), "bucket requests …" of
--       the days, the same of the hours, field, value, … (an empty value removes the field)
-- USES  audit, change, clock, expiry, pace, windows
local epoch, key, aliases, sequence = unpack(KEYS)
local interval_ms, burst, channel, id, expected, old_alias, new_alias, account_id = unpack(ARGV, 5, 12)
local counted_today, total, days, hours = unpack(ARGV, 13, 16)

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local version = redis.call('HGET', key, 'ver')
if not version then
  return {'gone'}
end
if version ~= expected or (counted_today ~= '' and (redis.call('HGET', KEYS[6], 'n:' .. id) or '0') ~= counted_today) then
  return {'changed'}
end
local pace = open_pace(KEYS[9], interval_ms, burst, clock_ms())
if pace.wait_ms > 0 then
  return {'too_often', pace.wait_ms}
end
local moved = audit_has_moved()
if moved then
  return moved
end
if new_alias ~= old_alias then
  if new_alias ~= '' and redis.call('HSETNX', aliases, new_alias, id) == 0 then
    return {'alias_taken'}
  end
  if old_alias ~= '' then
    redis.call('HDEL', aliases, old_alias)
  end
end
local expired = redis.call('HGET', key, 'expires')
for index = 17, #ARGV, 2 do
  if ARGV[index + 1] == '' then
    redis.call('HDEL', key, ARGV[index])
  else
    redis.call('HSET', key, ARGV[index], ARGV[index + 1])
  end
end
if redis.call('HGET', key, 'expires') ~= expired then
  note_expiry(KEYS[5], key, account_id, id)
end
if total ~= '' and tonumber(total) > tonumber(redis.call('HGET', key, 'count') or 0) then
  redis.call('HSET', key, 'count', total)
end
for bit, history in pairs({[8] = days, [16] = hours}) do
  if history ~= '' then
    local ring = open_rings({day = KEYS[7], hour = KEYS[8]}, bit, clock_ms())[bit]
    for number, requests in string.gmatch(history, '(%d+) (%d+)') do
      raise_bucket(ring, tonumber(number), tonumber(requests))
    end
    save_ring(ring)
  end
end
write_audit()
keep_pace(pace)
version = redis.call('HINCRBY', key, 'ver', 1)
return {'ok', version, publish_change(sequence, channel, 'key', id, version)}
