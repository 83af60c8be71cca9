-- Numbers a committed change and publishes it to all nodes. Returns the number: the store's clock in microseconds, so that a store that has
-- lost changes never gives one of their numbers to another change.
local function publish_change(sequence, channel, kind, id, version)
  local before = tonumber(redis.call('GET', sequence) or 0)
  local time = redis.call('TIME')
  local number = math.max(before + 1, time[1] * 1000000 + time[2])
  redis.call('SET', sequence, string.format('%.0f', number))
  redis.call('PUBLISH', channel, string.format('%.0f %.0f %s %s %.0f', number, before, kind, id, version))
  return number
end
