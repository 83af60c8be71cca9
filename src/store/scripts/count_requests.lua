-- Adds up the usage of keys that a worker reports: counters of minutes, hours and days, and when each key was used last. A duplicate of a
-- message is dropped.
--
-- Answers with the position of each key that has a quota by now, and how many of its requests were charged to none.
--
-- KEYS  epoch, sender (its last message), places... (of the counters, then the keys)
-- ARGV  number (of the message), counter_count, values...
--
-- The values: for each counter the seconds it is kept, how many names it may have (0: any), how many names; for each of these the name,
-- how many pairs, what, number, …; then for each key when it was used (ms), and how many of its requests were charged to no quota.
-- ANSWERS  ok, empty
-- USES  limits, message
local at = first_values
local last_counter = first_places + counter_count - 1

-- Replaces new names by "(others)" in a counter that has reached its limit. Such a counter knows a name by its requests, and keeps the
-- number of names in its field `#`.
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

-- Adds many numbers with one read and one write.
local function add_all(counter, fields, sums)
  local earlier = redis.call('HMGET', counter, unpack(fields))
  local values = {}
  for index, field in ipairs(fields) do
    values[2 * index - 1] = field
    values[2 * index] = string.format('%.0f', tonumber(earlier[index] or 0) + sums[field])
  end
  redis.call('HSET', counter, unpack(values))
end

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
if is_duplicate(sender, number) then
  return {'ok'}
end
for index = first_places, last_counter do
  local counter, kept_s, most = KEYS[index], ARGV[at], tonumber(ARGV[at + 1])
  local names, places, fields, sums = {}, {}, {}, {}
  for name = 1, tonumber(ARGV[at + 2]) do
    local place = places[name - 1] and places[name - 1] + 2 * ARGV[places[name - 1] - 1] or at + 3
    names[name], places[name] = ARGV[place], place + 2
  end
  local is_new = redis.call('EXISTS', counter) == 0
  if most > 0 then
    names_in(counter, most, names)
  end
  at = at + 3
  for index_of_name, name in ipairs(names) do
    local first = places[index_of_name]
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
for index = last_counter + 1, last_places do
  local state = redis.call('HMGET', KEYS[index], 'ver', 'used', unpack(quota_names))
  if state[1] and tonumber(state[2] or 0) < tonumber(ARGV[at]) then
    redis.call('HSET', KEYS[index], 'used', ARGV[at])
  end
  if ARGV[at + 1] ~= '0' and bits_of(quotas_in(state, 2)) > 0 then
    answer[#answer + 1] = index - last_counter
    answer[#answer + 1] = ARGV[at + 1]
  end
  at = at + 2
end
return answer
