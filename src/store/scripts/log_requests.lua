-- Appends requests to the logs of their accounts: the requests of a message for one log are one entry there. A log is limited in number and
-- age of its requests. A duplicate of a message is dropped.
--
-- KEYS  epoch, sender (its last message), sizes (how many requests each log has); each: log
-- ARGV  number (of the message), kept (how many requests a log keeps), kept_ms (for how long); each: account, count, packed (the requests;
--       see logged_request.h)
-- ANSWERS  ok, empty
-- USES  clock, message
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
if is_duplicate(sender, number) then
  return {'ok'}
end
local too_old = string.format('%.0f', clock_ms() - kept_ms - 1)
local room = 128 -- drops this many entries at most
for index = 1, each_count do
  local one = each(index)
  redis.call('XADD', one.log, '*', 'n', one.count, 'r', one.packed)
  local size = redis.call('HINCRBY', sizes, one.account, one.count)
  local dropped, step, is_done = 0, 1, false
  while room > 0 and not is_done do
    local is_full = size - dropped > tonumber(kept)
    local found = redis.call('XRANGE', one.log, '-', is_full and '+' or too_old, 'COUNT', math.min(step, room))
    local ids = {}
    for _, entry in ipairs(found) do
      local requests = tonumber(entry[2][2])
      if size - dropped - requests < tonumber(kept) and tonumber(string.match(entry[1], '^%d+')) > tonumber(too_old) then
        is_done = true
        break
      end
      ids[#ids + 1] = entry[1]
      dropped, room = dropped + requests, room - 1
      step = requests < 4 and 24 or 1 -- a small entry is likely to be followed by small ones
    end
    if #ids == 0 then
      break
    end
    redis.call('XDEL', one.log, unpack(ids))
  end
  if dropped > 0 then
    redis.call('HINCRBY', sizes, one.account, -dropped)
  end
end
return {'ok'}
