-- Reads a session of the dashboard and keeps it alive while it is used: written at most once in a while, and never beyond its end.
--
-- KEYS  epoch, the names the session may have (one for each pepper)
-- ARGV  how long in ms it lives unused, how late in ms that may be renewed
-- USES  clock
local idle_ms, late_ms = tonumber(ARGV[1]), tonumber(ARGV[2])

if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'empty'}
end
for index = 2, #KEYS do
  local session = KEYS[index]
  local account_id, key_id, until_ms, sealed = unpack(redis.call('HMGET', session, 'account', 'key', 'until', 'sealed'))
  if account_id and key_id and until_ms and sealed then
    local left_ms = math.min(idle_ms, until_ms - clock_ms())
    if left_ms - redis.call('PTTL', session) >= late_ms then
      redis.call('PEXPIRE', session, string.format('%.0f', left_ms))
    end
    return left_ms > 0 and {'ok', index - 2, account_id, key_id, until_ms, sealed} or {'gone'}
  end
end
return {'gone'}
