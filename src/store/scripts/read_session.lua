-- Reads a session of the dashboard and keeps it alive while it is used: written at most once in a while, and never beyond its end.
--
-- KEYS  epoch, sessions... (the names the session may have, one for each pepper)
-- ARGV  idle_ms (it lives so long unused), late_ms (that may be renewed so late)
-- ANSWERS  ok, empty, gone
-- USES  clock
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
for index = first_sessions, last_sessions do
  local session = KEYS[index]
  local account_id, key_id, until_ms, sealed = unpack(redis.call('HMGET', session, 'account', 'key', 'until', 'sealed'))
  if account_id and key_id and until_ms and sealed then
    local left_ms = math.min(tonumber(idle_ms), until_ms - clock_ms())
    if left_ms - redis.call('PTTL', session) >= tonumber(late_ms) then
      redis.call('PEXPIRE', session, string.format('%.0f', left_ms))
    end
    return left_ms > 0 and {'ok', index - first_sessions, account_id, key_id, until_ms, sealed} or {'gone'}
  end
end
return {'gone'}
