-- Requests for the logs of their accounts: what one message has for a log is one entry there. A log keeps so many requests, and for so
-- long. A message that comes twice counts once.
--
-- KEYS  epoch, the sender's last message, how many requests each log has, the logs
-- ARGV  number of the message, how many requests a log keeps, for how long (ms); for each log its account, how many requests, and these
--       (see logged_request.h)
-- USES  clock, message
local epoch, sizes = KEYS[1], KEYS[3]
local kept, kept_ms = tonumber(ARGV[2]), tonumber(ARGV[3])

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
if was_told(KEYS[2], ARGV[1]) then
  return {'ok'}
end
local too_old = string.format('%.0f', clock_ms() - kept_ms - 1)
local room = 128 -- entries that are dropped at most
for index = 4, #KEYS do
  local log = KEYS[index]
  local account, count, packed = unpack(ARGV, 3 * index - 8, 3 * index - 6)
  redis.call('XADD', log, '*', 'n', count, 'r', packed)
  local size = redis.call('HINCRBY', sizes, account, count)
  local dropped, step, is_done = 0, 1, false
  while room > 0 and not is_done do
    local is_full = size - dropped > kept
    local found = redis.call('XRANGE', log, '-', is_full and '+' or too_old, 'COUNT', math.min(step, room))
    local ids = {}
    for _, entry in ipairs(found) do
      local number = tonumber(entry[2][2])
      if size - dropped - number < kept and tonumber(string.match(entry[1], '^%d+')) > tonumber(too_old) then
        is_done = true
        break
      end
      ids[#ids + 1] = entry[1]
      dropped, room = dropped + number, room - 1
      step = number < 4 and 24 or 1 -- small ones are likely to follow a small one
    end
    if #ids == 0 then
      break
    end
    redis.call('XDEL', log, unpack(ids))
  end
  if dropped > 0 then
    redis.call('HINCRBY', sizes, account, -dropped)
  end
end
return {'ok'}
