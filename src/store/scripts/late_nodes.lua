-- Lists the nodes that may still act on the state before a change: name, whether it is silent (1: no recent heartbeat), and the number of the
-- last change that it has applied.
--
-- A number ahead of the store is of another time: of a master before a failover, or before a restore.
--
-- KEYS  nodes, sequence_key
-- ARGV  number (of the change), asking (the node that asks: it knows), silent_ms (a node is silent after so long without a word)
-- ANSWERS  ok
-- USES  clock, nodes
local now_ms = clock_ms()
local sequence = tonumber(redis.call('GET', sequence_key) or 0) or 0
local answer = {'ok'}
local all = redis.call('HGETALL', nodes)
for index = 1, #all, 2 do
  local name = all[index]
  local seen, trust_ms, applied = read_node(all[index + 1])
  if not seen or now_ms - seen > trust_ms then
    redis.call('HDEL', nodes, name)
  elseif name ~= asking and (applied < tonumber(number) or applied > sequence) then
    answer[#answer + 1] = name
    answer[#answer + 1] = now_ms - seen > tonumber(silent_ms) and 1 or 0
    answer[#answer + 1] = applied <= sequence and string.format('%.0f', applied) or '0'
  end
end
return answer
