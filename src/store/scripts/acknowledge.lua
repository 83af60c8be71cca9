-- Records that a node has applied the changes up to a number.
--
-- KEYS  nodes
-- ARGV  name (of the node), number
-- ANSWERS  ok
-- USES  nodes
local seen, trust_ms, applied = read_node(redis.call('HGET', nodes, name))
if seen and applied < tonumber(number) then
  write_node(nodes, name, seen, trust_ms, number)
end
return {'ok'}
