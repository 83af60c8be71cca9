-- What keys were used for, added up by a worker: counters of minutes, hours and days, and when each key was used last. A message that
-- comes twice counts once.
--
-- KEYS  epoch, the sender's last message, the counters, the keys
-- ARGV  number of the message, how many counters; for each: seconds it is kept, how many names it may have (0: any), how many names; for
--       each of these: the name, how many pairs, what, number, …; then for each key when it was used (ms), and how many of its requests
--       were charged to no quota
--
-- Answers with the place of each key that has a quota by now, and those requests.
-- USES  message
local at = 3
local counters = tonumber(ARGV[2])

-- The names of a message as a counter has them. One with a limit knows its names by their requests, and how many they are by its field `#`.
local function names_in(counter, most, names)
  local asked = {'#'}
  for index, name in ipairs(names) do
    asked[index + 1] = 'n:' .. name
  end
  local known = redis.call('HMGET', counter, unpack(asked))
  local count = tonumber(known[1] or 0)
  local before = count
  for index, name in ipairs(names) do
    if not known[index + 1] and name ~= '(others)' then
      if count >= most then
        names[index] = '(others)'
      else
        count = count + 1
        redis.call('HSETNX', counter, asked[index + 1], 0)
      end
    end
  end
  if count > before then
    redis.call('HSET', counter, '#', count)
  end
end

-- Many numbers are added with one question and one answer.
local function add_all(counter, fields, sums)
  local earlier = redis.call('HMGET', counter, unpack(fields))
  local values = {}
  for index, field in ipairs(fields) do
    values[2 * index - 1] = field
    values[2 * index] = string.format('%.0f', tonumber(earlier[index] or 0) + sums[field])
  end
  redis.call('HSET', counter, unpack(values))
end

if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
if was_told(KEYS[2], ARGV[1]) then
  return {'ok'}
end
for index = 3, 2 + counters do
  local counter, kept_s, most = KEYS[index], ARGV[at], tonumber(ARGV[at + 1])
  local names, places, fields, sums = {}, {}, {}, {}
  for number = 1, tonumber(ARGV[at + 2]) do
    local place = places[number - 1] and places[number - 1] + 2 * ARGV[places[number - 1] - 1] or at + 3
    names[number], places[number] = ARGV[place], place + 2
  end
  local is_new = redis.call('EXISTS', counter) == 0
  if most > 0 then
    names_in(counter, most, names)
  end
  at = at + 3
  for number, name in ipairs(names) do
    local first = places[number]
    local after = first + 2 * ARGV[first - 1]
    for place = first, after - 1, 2 do
      local field = ARGV[place] .. ':' .. name
      if not sums[field] then
        fields[#fields + 1] = field
      end
      sums[field] = (sums[field] or 0) + ARGV[place + 1]
    end
    at = after
  end
  if #fields > 0 then
    add_all(counter, fields, sums)
  end
  if is_new then
    redis.call('EXPIRE', counter, kept_s)
  end
end
local answer = {'ok'}
for index = 3 + counters, #KEYS do
  local state = redis.call('HMGET', KEYS[index], 'ver', 'used', 'total', 'daily', 'weekly', 'monthly')
  if state[1] and tonumber(state[2] or 0) < tonumber(ARGV[at]) then
    redis.call('HSET', KEYS[index], 'used', ARGV[at])
  end
  if ARGV[at + 1] ~= '0' and (state[3] or state[4] or state[5] or state[6]) then
    answer[#answer + 1] = index - 2 - counters
    answer[#answer + 1] = ARGV[at + 1]
  end
  at = at + 2
end
return answer
