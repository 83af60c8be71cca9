-- Numbers a committed change and tells every node. Returns the number.
local function publish_change(sequence, channel, kind, id, version)
  local number = redis.call('INCR', sequence)
  redis.call('PUBLISH', channel, string.format('%.0f %s %s %.0f', number, kind, id, version))
  return number
end
