-- A node reports that it is alive and which changes it has applied, and learns the state of the store.
--
-- KEYS  epoch, schema, sequence_key, blocks_version, nodes
-- ARGV  name (of the node), trust_ms (it trusts its cache for so long), reported (the last change that it has applied)
-- USES  clock, nodes
local state = redis.call('MGET', epoch, schema, sequence_key, blocks_version)
if state[1] then
  local _, _, before = read_node(redis.call('HGET', nodes, name))
  local sequence = tonumber(state[3] or 0) or 0
  -- a number ahead of the store is of another time
  local applied = math.max(tonumber(reported), before and before <= sequence and before or 0)
  write_node(nodes, name, clock_ms(), trust_ms, applied <= sequence and applied or 0)
end
return state
