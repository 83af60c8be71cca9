-- A node says that it lives and which changes it has taken in, and hears how the store stands.
--
-- KEYS  epoch, schema, sequence, version of the blocks, nodes
-- ARGV  the node's name, how long it trusts its cache (ms), the number of the last change that it has taken in
-- USES  clock, nodes
local stands = redis.call('MGET', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
if stands[1] then
  local _, _, before = read_node(redis.call('HGET', KEYS[5], ARGV[1]))
  local sequence = tonumber(stands[3] or 0) or 0
  -- what is ahead of the store is of other times
  local applied = math.max(tonumber(ARGV[3]), before and before <= sequence and before or 0)
  write_node(KEYS[5], ARGV[1], clock_ms(), ARGV[2], applied <= sequence and applied or 0)
end
return stands
