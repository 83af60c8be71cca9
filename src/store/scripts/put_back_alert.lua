-- Puts an alert that could not be sent behind all others; it keeps the id that it had first.
--
-- KEYS  epoch, alerts
-- ARGV  place (in the stream), id
-- ANSWERS  ok, empty
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local entry = redis.call('XRANGE', alerts, place, place)[1]
if entry then
  local fields = entry[2]
  if place == id then
    fields[#fields + 1] = 'id'
    fields[#fields + 1] = id
  end
  redis.call('XDEL', alerts, place)
  redis.call('XADD', alerts, '*', unpack(fields))
end
return {'ok'}
