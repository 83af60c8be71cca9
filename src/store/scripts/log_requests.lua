-- Requests for the logs of their accounts: what one message has for a log is one entry there. A log keeps so many requests, and for so long.
-- A message that comes twice counts once.
--
-- KEYS  epoch, the sender's last message, how many requests each log has, the logs
-- ARGV  number of the message, how many requests a log keeps, for how long (ms); for each log its account, how many requests, and these (see logged_request.h)
-- USES  clock, message
local epoch, sizes = KEYS[1], KEYS[3]
local kept, kept_ms = tonumber(ARGV[2]), tonumber(ARGV[3])

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
if was_told(KEYS[2], ARGV[1]) then
  return {'ok'}
end
local oldest_ms = clock_ms() - kept_ms
for index = 4, #KEYS do
  local log = KEYS[index]
  local account, count, packed = unpack(ARGV, 3 * index - 8, 3 * index - 6)
  redis.call('XADD', log, '*', 'n', count, 'r', packed)
  local size = redis.call('HINCRBY', sizes, account, count)
  local dropped = 0
  for _ = 1, 100 do
    local entry = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
    local number = entry and tonumber(entry[2][2])
    if not entry or (size - dropped - number < kept and tonumber(string.match(entry[1], '^%d+')) >= oldest_ms) then
      break
    end
    redis.call('XDEL', log, entry[1])
    dropped = dropped + number
  end
  if dropped > 0 then
    redis.call('HINCRBY', sizes, account, -dropped)
  end
end
return {'ok'}
