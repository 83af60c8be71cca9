-- Changes fields of a key, if it still has the version that the caller has read.
--
-- A new quota counts what the key was used for before. Requests that are reported later are charged by charge_late.lua.
--
-- KEYS  epoch, key, aliases, sequence, expiring, counter (of today's use), day, hour, pace_key
-- ARGV  interval_ms (of the pace of changes), burst, channel, id, expected (version), old_alias, new_alias, account_id,
--       counted_today (what that counter said; empty: no quota is new), total (all requests; empty: they are counted already),
--       day_history ("bucket requests …"), hour_history, fields... (field, value, …; an empty value removes the field)
-- ANSWERS  ok, empty, gone, changed, too_often, alias_taken
-- USES  audit, change, clock, expiry, limits, pace, windows
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local version = redis.call('HGET', key, 'ver')
if not version then
  return {'gone'}
end
if version ~= expected or (counted_today ~= '' and (redis.call('HGET', counter, 'n:' .. id) or '0') ~= counted_today) then
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
if new_alias ~= old_alias then
  if new_alias ~= '' and redis.call('HSETNX', aliases, new_alias, id) == 0 then
    return {'alias_taken'}
  end
  if old_alias ~= '' then
    redis.call('HDEL', aliases, old_alias)
  end
end
local expired = redis.call('HGET', key, 'expires')
for index = first_fields, last_fields, 2 do
  if ARGV[index + 1] == '' then
    redis.call('HDEL', key, ARGV[index])
  else
    redis.call('HSET', key, ARGV[index], ARGV[index + 1])
  end
end
if redis.call('HGET', key, 'expires') ~= expired then
  note_expiry(expiring, key, account_id, id)
end
if total ~= '' and tonumber(total) > tonumber(redis.call('HGET', key, 'count') or 0) then
  redis.call('HSET', key, 'count', total)
end
local keys, histories = {day = day, hour = hour}, {day = day_history, hour = hour_history}
for _, kind in ipairs(ring_kinds) do
  local history = histories[kind.name] or ''
  if history ~= '' then
    local ring = open_rings(keys, kind.bit, clock_ms())[kind.bit]
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
