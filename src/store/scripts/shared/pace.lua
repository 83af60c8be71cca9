-- A rate limit with a burst: so many times at once, and once more after each interval (0: no limit). The key has the time (ms) at which the
-- full burst is available again, and expires then.
local function save_pace(pace)
  redis.call('SET', pace.key, string.format('%.0f', pace.full_ms), 'PX', string.format('%.0f', pace.full_ms - pace.now_ms))
end

local function open_pace(key, interval_ms, burst, now_ms)
  local pace = {key = key, interval_ms = tonumber(interval_ms), now_ms = now_ms, full_ms = now_ms, wait_ms = 0}
  if pace.interval_ms == 0 then
    return pace
  end
  local room_ms = pace.interval_ms * burst
  pace.full_ms = math.max(tonumber(redis.call('GET', key) or 0), now_ms)
  if pace.full_ms > now_ms + room_ms then -- the clock went back, or the burst is smaller than before
    pace.full_ms = now_ms + room_ms
    save_pace(pace)
  end
  pace.wait_ms = math.max(pace.full_ms + pace.interval_ms - now_ms - room_ms, 0)
  return pace
end

local function keep_pace(pace)
  if pace.interval_ms > 0 then
    pace.full_ms = pace.full_ms + pace.interval_ms
    save_pace(pace)
  end
end
