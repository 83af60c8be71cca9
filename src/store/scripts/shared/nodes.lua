-- The nodes that cache keys: name -> "<last heartbeat (ms)> <how long it trusts its cache without a word from here (ms)> <number of the
-- last change that it has applied>".
local function read_node(text)
  local seen, trust_ms, applied = string.match(text or '', '^(%d+) (%d+) (%d+)$')
  return tonumber(seen), tonumber(trust_ms), tonumber(applied)
end

local function write_node(nodes, name, seen, trust_ms, applied)
  redis.call('HSET', nodes, name, string.format('%.0f %.0f %.0f', seen, trust_ms, applied))
end
