-- A node has taken in the changes up to a number.
--
-- KEYS  nodes
-- ARGV  the node's name, the number
-- USES  nodes
local seen, patience, applied = read_node(redis.call('HGET', KEYS[1], ARGV[1]))
if seen and applied < tonumber(ARGV[2]) then
  write_node(KEYS[1], ARGV[1], seen, patience, ARGV[2])
end
return {'ok'}
