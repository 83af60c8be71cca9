-- The security log. The last two of KEYS are its stream and its head; the first four of ARGV the number and the signature of the entry
-- that this one follows, the entry and its signature.

-- What to answer when another entry has come in between; nil: go on.
local function audit_has_moved()
  local head = redis.call('HMGET', KEYS[#KEYS], 'number', 'mac')
  local number, mac = head[1] or '0', head[2] or ''
  if number ~= ARGV[1] or mac ~= ARGV[2] then
    return {'behind', number, mac}
  end
end

local function write_audit()
  local number = string.format('%.0f', ARGV[1] + 1)
  redis.call('XADD', KEYS[#KEYS - 1], number .. '-0', 'entry', ARGV[3], 'mac', ARGV[4])
  redis.call('HSET', KEYS[#KEYS], 'number', number, 'mac', ARGV[4])
end
