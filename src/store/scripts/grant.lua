-- Requests for a key, charged to all its limits at once, or none. What the node has left of an earlier grant is given back before.
-- With nothing wanted and nothing given back it tells how the limits stand and changes nothing.
--
-- KEYS  epoch, key, its days, its hours, the account's seconds, its minutes, sequence, alerts, their levels
-- ARGV  expected version (empty: any), requests that wait, requests wanted, the plan's rate per second (empty: none), per minute,
--       requests given back, when they were charged, the bits of what they were charged to, channel, id, account
-- USES  alerts, change, clock, integers, windows
local epoch, key = KEYS[1], KEYS[2]
local expected, waiting, wanted = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local given_back, charged_ms, charged_bits = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])

local record = redis.call('HMGET', key, 'ver', 'total', 'daily', 'weekly', 'monthly', 'count', 'full')
if not record[1] then
  return {redis.call('EXISTS', epoch) == 0 and 'empty' or 'gone'}
end
if expected ~= '' and record[1] ~= expected then
  return {'changed'}
end

-- second, minute, total, daily, weekly, monthly
local limits = {tonumber(ARGV[4]), tonumber(ARGV[5])}
for index = 3, 6 do
  limits[index] = record[index - 1] and integer(record[index - 1], 'limit')
end
local has_quota = limits[3] or limits[4] or limits[5] or limits[6]
local bits = (limits[1] and 1 or 0) + (limits[2] and 2 or 0) + (has_quota and 4 or 0) + (limits[4] and 8 or 0) +
  ((limits[5] or limits[6]) and 16 or 0)
local now_ms = clock_ms()
local rings = open_rings({day = KEYS[3], hour = KEYS[4], second = KEYS[5], minute = KEYS[6]}, bits, now_ms)
local window = {{rings[1], 1}, {rings[2], 1}, nil, {rings[8], 1}, {rings[16], 1}, {rings[16], 2}}

local count = integer(record[6] or '0', 'count')
if given_back > 0 then
  for bit, ring in pairs(rings) do
    if has_bit(charged_bits, bit) then
      give_back_to_ring(ring, given_back, charged_ms)
    end
  end
  count = has_bit(charged_bits, 4) and math.max(count - given_back, 0) or count
end

local function used(index)
  return index == 3 and count or window[index][1].sums[window[index][2]]
end

local room = largest_bucket
for index = 1, 6 do
  if limits[index] then
    room = math.min(room, limits[index] - used(index))
  end
end
for _, ring in pairs(rings) do
  room = math.min(room, largest_bucket - bucket(ring, ring.newest))
end
-- In advance nobody gets more than an eighth of what is left, and nothing of the last 64: the others want them too.
local spare = room >= 64 and math.floor(room / 8) or 0
local granted = math.max(0, math.min(room, math.max(waiting, math.min(wanted, spare))))

local until_ms = now_ms + 300000
if granted > 0 then
  for _, ring in pairs(rings) do
    charge_ring(ring, granted)
    until_ms = math.min(until_ms, (ring.newest + 1) * ring.width_ms)
  end
  count = has_quota and count + granted or count
end

local answer = {'ok', granted, now_ms, until_ms, bits, 0}
for index = 1, 6 do
  local limit = limits[index]
  local reset = limit and window[index] and reset_ms(window[index][1], window[index][2], limit) or 0
  answer[#answer + 1] = limit or 0
  answer[#answer + 1] = limit and used(index) or 0
  answer[#answer + 1] = reset
  if limit and granted < waiting and answer[6] == 0 and used(index) >= limit then
    answer[6] = index
  end
end
if granted > 0 or given_back > 0 then
  for _, ring in pairs(rings) do
    save_ring(ring)
  end
  redis.call('HSET', key, 'count', string.format('%.0f', count), 'used', string.format('%.0f', now_ms))
end
-- Those who hear of the refusal have to hear when something is given back.
if answer[6] > 2 and not record[7] then
  redis.call('HSET', key, 'full', '1')
elseif given_back > 0 and record[7] and room > granted then
  redis.call('HDEL', key, 'full')
  publish_change(KEYS[7], ARGV[9], 'room', ARGV[10], record[1])
end
if granted > 0 or waiting > 0 then
  for index, name in pairs({[3] = 'total', [4] = 'daily', [5] = 'weekly', [6] = 'monthly'}) do
    if limits[index] then
      note_level(KEYS[8], KEYS[9], 'key.quota', ARGV[11], ARGV[10], name, used(index), limits[index], now_ms)
    end
  end
end
return answer
