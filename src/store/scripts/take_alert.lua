-- One worker of all nodes sends the alerts: who holds the lease. It gets the oldest; keys that expire within a week become some first.
--
-- KEYS  epoch, the lease, alerts, expiring keys
-- ARGV  the worker's name, the lease in ms
-- USES  alerts, clock
local epoch, lease, alerts, expiring = unpack(KEYS)
local week_ms = 7 * 86400000

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local holder = redis.call('GET', lease)
if holder and holder ~= ARGV[1] then
  return {'other'}
end
redis.call('SET', lease, ARGV[1], 'PX', ARGV[2])
local now_ms = clock_ms()
for _, member in ipairs(redis.call('ZRANGEBYSCORE', expiring, '-inf', string.format('%.0f', now_ms + week_ms), 'LIMIT', 0, 100)) do
  local account, id = string.match(member, '^(%d+):(%d+)$')
  if account then
    local expires_ms = redis.call('ZSCORE', expiring, member)
    redis.call('ZREM', expiring, member)
    add_alert(alerts, 'key.expiring', account, id, now_ms, 'expires', expires_ms)
  end
end
return {'ok', redis.call('XRANGE', alerts, '-', '+', 'COUNT', 1)}
