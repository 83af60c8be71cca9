-- Grants requests for a key, charged to all its limits at once, or to none. What the node has left of an earlier grant is given back first.
-- With nothing wanted and nothing given back it reads the state of the limits and changes nothing.
--
-- KEYS  epoch, key, second, minute, day, hour, sequence, alerts, levels (of the alerts)
-- ARGV  expected (version; empty: any), waiting (requests that wait), wanted, second_rate (of the plan; empty: none), minute_rate,
--       given_back (requests of an earlier grant), charged_ms (when they were charged), charged_bits (to what), made (requests of that
--       grant that were made since, in an outage), channel, id, account
-- ANSWERS  ok, empty, gone, changed
-- USES  alerts, change, clock, integers, limits, windows
waiting, wanted, given_back, charged_ms, made = tonumber(waiting), tonumber(wanted), tonumber(given_back), tonumber(charged_ms), tonumber(made)

local record = redis.call('HMGET', key, 'ver', 'count', 'full', unpack(quota_names))
local version, is_full = record[1], record[3]
if not version then
  return redis.call('EXISTS', epoch) == 0 and {'empty'} or {'gone'}
end
if expected ~= '' and version ~= expected then
  return {'changed'}
end

local rates = {second = second_rate, minute = minute_rate}
local limits = quotas_in(record, 3)
for index, window in ipairs(windows) do
  limits[index] = limits[index] and integer(limits[index], 'limit') or window.is_rate and tonumber(rates[window.name]) or nil
end
local bits = bits_of(limits)
local now_ms = clock_ms()
local rings = open_rings({second = second, minute = minute, day = day, hour = hour}, bits, now_ms)

local count = integer(record[2] or '0', 'count')
if given_back > 0 then
  for bit, ring in pairs(rings) do
    if has_bit(charged_bits, bit) then
      give_back_to_ring(ring, given_back, charged_ms)
    end
  end
  count = has_bit(charged_bits, count_bit) and math.max(count - given_back, 0) or count
end
-- Requests that were made after their buckets had ended count from now on, so that they do not leave a window too early.
if made > 0 then
  for bit, ring in pairs(rings) do
    if has_bit(charged_bits, bit) then
      give_back_to_ring(ring, made, charged_ms)
      charge_ring(ring, math.min(made, largest_bucket - bucket(ring, ring.newest)))
    end
  end
end

local function used(index)
  local ring = rings[windows[index].bit]
  return ring and ring.sums[windows[index].sum] or count
end

local room = largest_bucket
for index = 1, #windows do
  if limits[index] then
    room = math.min(room, limits[index] - used(index))
  end
end
for _, ring in pairs(rings) do
  room = math.min(room, largest_bucket - bucket(ring, ring.newest))
end
-- In advance a node gets at most an eighth of what is left, and nothing of the last 64: other nodes want them too.
local spare = room >= 64 and math.floor(room / 8) or 0
local granted = math.max(0, math.min(room, math.max(waiting, math.min(wanted, spare))))

local until_ms = now_ms + 300000
if granted > 0 then
  for _, ring in pairs(rings) do
    charge_ring(ring, granted)
    until_ms = math.min(until_ms, (ring.newest + 1) * ring.width_ms)
  end
  count = has_bit(bits, count_bit) and count + granted or count
end

local answer = {'ok', granted, now_ms, until_ms, bits, 0}
for index, window in ipairs(windows) do
  local limit, ring = limits[index], rings[window.bit]
  local reset = limit and ring and reset_ms(ring, window.sum, limit) or 0
  answer[#answer + 1] = limit or 0
  answer[#answer + 1] = limit and used(index) or 0
  answer[#answer + 1] = reset
  if limit and granted < waiting and answer[6] == 0 and used(index) >= limit then
    answer[6] = index
  end
end
if granted > 0 or given_back > 0 or made > 0 then
  for _, ring in pairs(rings) do
    save_ring(ring)
  end
  redis.call('HSET', key, 'count', string.format('%.0f', count), 'used', string.format('%.0f', now_ms))
end
-- Nodes that hear of the refusal have to hear when something is given back.
local refusing = windows[answer[6]]
if refusing and not refusing.is_rate and not is_full then
  redis.call('HSET', key, 'full', '1')
elseif given_back > 0 and is_full and room > granted then
  redis.call('HDEL', key, 'full')
  publish_change(sequence, channel, 'room', id, version)
end
if granted > 0 or waiting > 0 then
  for index, window in ipairs(windows) do
    if limits[index] and not window.is_rate then
      note_level(alerts, levels, 'key.quota', account, id, window.name, used(index), limits[index], now_ms)
    end
  end
end
return answer
