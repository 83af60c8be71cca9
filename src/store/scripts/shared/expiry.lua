-- Remembers keys that expire until the operator has been told.
local function note_expiry(expiring, key, account_id, id)
  local expires_ms = redis.call('HGET', key, 'expires')
  if expires_ms then
    redis.call('ZADD', expiring, expires_ms, account_id .. ':' .. id)
  else
    redis.call('ZREM', expiring, account_id .. ':' .. id)
  end
end
