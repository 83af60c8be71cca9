-- Requests for the logs of their accounts, which keep so many at most, and for so long. A message that comes twice counts once.
--
-- KEYS  epoch, the message, the logs
-- ARGV  how many requests a log keeps, for how long (ms); for each request the number of its log (from 1 on) and its fields' values
-- USES  clock
local names = {'at', 'key', 'method', 'path', 'status', 'first_byte', 'address', 'cost', 'model', 'input', 'output', 'id', 'result'}

if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', 600) then
  return {'ok'}
end
for at = 3, #ARGV, #names + 1 do
  local fields = {}
  for index, name in ipairs(names) do
    fields[2 * index - 1] = name
    fields[2 * index] = ARGV[at + index]
  end
  redis.call('XADD', KEYS[2 + ARGV[at]], 'MAXLEN', '~', ARGV[1], '*', unpack(fields))
end
local oldest = string.format('%.0f', clock_ms() - ARGV[2])
for index = 3, #KEYS do
  redis.call('XTRIM', KEYS[index], 'MINID', '~', oldest)
end
return {'ok'}
