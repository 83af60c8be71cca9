-- Adds an alert for the operator: once per crossing. `levels` has the levels that were crossed and not left again.
local function add_alert(alerts, kind, account, key_id, now_ms, ...)
  local at = string.format('%.0f', now_ms)
  redis.call('XADD', alerts, 'MAXLEN', '~', 1000, '*', 'type', kind, 'account', account, 'key', key_id, 'at', at, ...)
end

-- Alerts at 80 and 100 hundredths of a limit. The way back has some hysteresis, so that a limit does not alert with every bucket.
local function note_level(alerts, levels, kind, account, key_id, window, used, limit, now_ms)
  local name = kind .. ':' .. key_id .. ':' .. window
  if kind == 'wallet' then
    name = kind .. ':' .. account
  end
  local before = tonumber(redis.call('HGET', levels, name) or 0)
  local level = before
  if used >= limit then
    level = 100
  elseif used * 100 >= limit * 80 then
    level = before == 100 and used * 100 >= limit * 95 and 100 or 80
  elseif used * 100 < limit * 75 then
    level = 0
  elseif before == 100 then
    level = 80
  end
  if level == before then
    return
  end
  if level == 0 then
    redis.call('HDEL', levels, name)
  else
    redis.call('HSET', levels, name, level)
  end
  if level > before then
    add_alert(alerts, kind, account, key_id, now_ms, 'window', window, 'threshold', level, 'used', string.format('%.0f', used), 'limit',
      string.format('%.0f', limit))
  end
end
