-- What keys were used for, added up by a worker: counters of minutes, hours and days, and when each key was used last. A message that
-- comes twice counts once.
--
-- KEYS  epoch, the sender's last message, the counters, the keys
-- ARGV  number of the message, how many counters; for each: seconds it is kept, how many names it may have (0: any), how many pairs, name, number, …;
--       then for each key when it was used (ms), and how many of its requests were charged to no quota
--
-- Answers with the place of each key that has a quota by now, and those requests.
-- USES  message
local at = 3
local counters = tonumber(ARGV[2])

if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
if was_told(KEYS[2], ARGV[1]) then
  return {'ok'}
end
for index = 3, 2 + counters do
  local counter, kept_s, most, pairs = KEYS[index], ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local names = redis.call('HLEN', counter)
  for place = at + 3, at + 1 + 2 * pairs, 2 do
    local name = ARGV[place]
    if most > 0 and names >= most and redis.call('HEXISTS', counter, name) == 0 then
      name = string.match(name, '^[^:]+:') .. '(others)'
    end
    redis.call('HINCRBY', counter, name, ARGV[place + 1])
  end
  if names == 0 then
    redis.call('EXPIRE', counter, kept_s)
  end
  at = at + 3 + 2 * pairs
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
