-- Rolling windows over a ring of buckets, in one string of fixed length:
--   head     number of the newest bucket (6 bytes); of each window its sum (7) and the oldest bucket that may count (6)
--   buckets  requests, 4 bytes each
-- A window counts whole buckets: it never exceeds the limit in any window, and usage expires one bucket late at most.
local bucket_bytes, largest_bucket = 4, 4294967295

local function head_bytes(ring)
  return 6 + 13 * #ring.spans
end

local function bucket(ring, number)
  local slot = number % ring.slots
  if ring.changed[slot] then
    return ring.changed[slot]
  end
  return ring.data and struct.unpack('<I4', ring.data, head_bytes(ring) + slot * bucket_bytes + 1) or 0
end

local function set_bucket(ring, number, value)
  ring.changed[number % ring.slots] = value
end

local function clear_ring(ring, newest)
  ring.data, ring.changed, ring.newest, ring.moved = nil, {}, newest, true
  for index = 1, #ring.spans do
    ring.sums[index], ring.oldest[index] = 0, newest
  end
end

-- Removes buckets from their windows. A clock that goes back stands still here.
local function advance_ring(ring, now)
  if now <= ring.newest then
    return
  end
  if now - ring.newest >= ring.slots then
    return clear_ring(ring, now)
  end
  for index, span in ipairs(ring.spans) do
    for number = ring.oldest[index], math.min(now - span, ring.newest) do
      ring.sums[index] = ring.sums[index] - bucket(ring, number)
    end
    ring.oldest[index] = math.max(ring.oldest[index], now - span + 1)
  end
  for number = ring.newest + 1, now do
    set_bucket(ring, number, 0)
  end
  ring.newest, ring.moved = now, true
end

-- `spans`: how many buckets each window counts.
local function open_ring(key, width_ms, spans, now_ms)
  local ring = {key = key, width_ms = width_ms, spans = spans, slots = math.max(unpack(spans)), sums = {}, oldest = {}, changed = {}}
  local now = math.floor(now_ms / width_ms)
  ring.data = redis.call('GET', key)
  if not ring.data then
    clear_ring(ring, now)
    return ring
  end
  if #ring.data ~= head_bytes(ring) + ring.slots * bucket_bytes then
    error('MALFORMED ' .. key)
  end
  local at
  ring.newest, at = struct.unpack('<I6', ring.data)
  for index = 1, #spans do
    ring.sums[index], ring.oldest[index], at = struct.unpack('<I7I6', ring.data, at)
  end
  advance_ring(ring, now)
  return ring
end

local function save_ring(ring)
  local head, count = {struct.pack('<I6', ring.newest)}, 0
  for index = 1, #ring.spans do
    head[index + 1] = struct.pack('<I7I6', ring.sums[index], ring.oldest[index])
  end
  for _ in pairs(ring.changed) do
    count = count + 1
  end
  local lasts_ms = string.format('%.0f', ring.slots * ring.width_ms)
  if not ring.data or count * 8 > ring.slots then
    for slot = 0, ring.slots - 1 do
      head[#head + 1] = struct.pack('<I4', bucket(ring, slot))
    end
    redis.call('SET', ring.key, table.concat(head), 'PX', lasts_ms)
    return
  end
  redis.call('SETRANGE', ring.key, 0, table.concat(head))
  for slot, value in pairs(ring.changed) do
    redis.call('SETRANGE', ring.key, head_bytes(ring) + slot * bucket_bytes, struct.pack('<I4', value))
  end
  if ring.moved then
    redis.call('PEXPIRE', ring.key, lasts_ms)
  end
end

local function charge_ring(ring, count)
  set_bucket(ring, ring.newest, bucket(ring, ring.newest) + count)
  for index = 1, #ring.spans do
    ring.sums[index] = ring.sums[index] + count
  end
end

-- Gives back requests that were charged at `charged_ms` and not used.
local function give_back_to_ring(ring, count, charged_ms)
  local number = math.floor(charged_ms / ring.width_ms)
  if number > ring.newest or number <= ring.newest - ring.slots then
    return
  end
  count = math.min(count, bucket(ring, number))
  set_bucket(ring, number, bucket(ring, number) - count)
  for index, span in ipairs(ring.spans) do
    if number > ring.newest - span then
      ring.sums[index] = ring.sums[index] - count
    end
  end
end

-- Raises a bucket to at least so many requests, which are known from elsewhere.
local function raise_bucket(ring, number, requests)
  local missing = math.min(requests, largest_bucket) - bucket(ring, number)
  if missing <= 0 or number > ring.newest or number <= ring.newest - ring.slots then
    return
  end
  set_bucket(ring, number, bucket(ring, number) + missing)
  for index, span in ipairs(ring.spans) do
    if number > ring.newest - span then
      ring.sums[index], ring.oldest[index] = ring.sums[index] + missing, math.min(ring.oldest[index], number)
    end
  end
end

-- When the window has room again: if `limit` is reached, when it counts less than that, else when it counts less than now. 0: nothing is
-- used.
local function reset_ms(ring, index, limit)
  local sum, number = ring.sums[index], ring.oldest[index]
  if sum == 0 then
    return 0
  end
  while number < ring.newest and bucket(ring, number) == 0 do
    number = number + 1
  end
  ring.oldest[index] = number
  sum = sum - bucket(ring, number)
  while number < ring.newest and sum >= limit do
    number = number + 1
    sum = sum - bucket(ring, number)
  end
  return (number + ring.spans[index]) * ring.width_ms
end

-- Opens the rings that a charge to `bits` concerns, by their bit. `keys` has the Redis key of each, by the ring's name.
local function open_rings(keys, bits, now_ms)
  local rings = {}
  for _, kind in ipairs(ring_kinds) do
    if has_bit(bits, kind.bit) then
      rings[kind.bit] = open_ring(keys[kind.name], kind.width_ms, kind.spans, now_ms)
    end
  end
  return rings
end
