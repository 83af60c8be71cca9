-- One worker among all nodes sends the alerts: the one with the lease. It gets the oldest; before that, keys that expire within a week are
-- turned into alerts.
--
-- KEYS  epoch, lease, alerts, expiring
-- ARGV  name (of the worker), lease_ms
-- ANSWERS  ok, empty, other
-- USES  alerts, clock
local week_ms = 7 * 86400000

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local holder = redis.call('GET', lease)
if holder and holder ~= name then
  return {'other'}
end
redis.call('SET', lease, name, 'PX', lease_ms)
local now_ms = clock_ms()
for _, member in ipairs(redis.call('ZRANGEBYSCORE', expiring, '-inf', string.format('%.0f', now_ms + week_ms), 'LIMIT', 0, 100)) do
  local account, id = string.match(member, '^(%d+):(%d+)$')
  if account then
    local expires_ms = redis.call('ZSCORE', expiring, member)
    redis.call('ZREM', expiring, member)
    if tonumber(expires_ms) > now_ms then -- nobody need be warned of one that has expired while no worker took alerts
      add_alert(alerts, 'key.expiring', account, id, now_ms, 'expires', expires_ms)
    end
  end
end
return {'ok', redis.call('XRANGE', alerts, '-', '+', 'COUNT', 1)}
