-- Records that a node has applied the changes up to a number.
--
-- KEYS  nodes
-- ARGV  name (of the node), number
-- USES  nodes
local seen, patience, applied = read_node(redis.call('HGET', nodes, name))
if seen and applied < tonumber(number) then
  write_node(nodes, name, seen, patience, number)
end
return {'ok'}
