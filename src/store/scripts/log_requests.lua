-- Appends requests to the logs of their accounts: the requests of a message for one log are one entry there. A log is limited in number and
-- age of its requests. A duplicate of a message is dropped.
--
-- KEYS  epoch, sender (its last message), sizes (how many requests each log has); each: log,
--       counts (how many requests each of its entries has, the oldest first)
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
local too_old_ms = clock_ms() - kept_ms
local room = 128 -- drops this many entries at most

-- "<ms> <count>" of the oldest entries; of one only where it is from a version that had no counts beside a log.
local function oldest_entries(one, is_listed)
  local found
  if is_listed then
    found = redis.call('LRANGE', one.counts, 0, math.min(room, 24) - 1)
  else
    local entry = redis.call('XRANGE', one.log, '-', '+', 'COUNT', 1)[1]
    found = {string.match(entry[1], '^%d+') .. ' ' .. entry[2][2]}
  end
  return found
end

for index = 1, each_count do
  local one = each(index)
  local id = redis.call('XADD', one.log, '*', 'n', one.count, 'r', one.packed)
  local listed = redis.call('RPUSH', one.counts, string.match(id, '^%d+') .. ' ' .. one.count)
  local size = redis.call('HINCRBY', sizes, one.account, one.count)
  local length = redis.call('XLEN', one.log)
  local dropped, is_done = 0, false
  while room > 0 and not is_done do
    local is_listed = listed == length
    local entries = 0
    for _, entry in ipairs(oldest_entries(one, is_listed)) do
      local at_ms, requests = string.match(entry, '^(%d+) (%d+)$')
      is_done = size - dropped - requests < tonumber(kept) and tonumber(at_ms) >= too_old_ms
      if is_done then
        break
      end
      entries, dropped = entries + 1, dropped + requests
    end
    is_done = is_done or entries == 0
    if entries > 0 then
      length, room = length - entries, room - entries
      redis.call('XTRIM', one.log, 'MAXLEN', length)
      if is_listed then
        listed = listed - entries
        redis.call('LTRIM', one.counts, entries, -1)
      end
    end
  end
  if dropped > 0 then
    redis.call('HINCRBY', sizes, one.account, -dropped)
  end
end
return {'ok'}
