-- Reads a part of a stream: entries up to so many bytes or so many entries. Answers whether that was all, and the entries.
--
-- KEYS  stream
-- ARGV  command (XRANGE or XREVRANGE), from, to, most (entries), room (in bytes)
most, room = tonumber(most), tonumber(room)
local entries, step = {}, 1

while #entries < most and room > 0 do
  local found = redis.call(command, stream, from, to, 'COUNT', math.min(step, most - #entries))
  if #found == 0 then
    return {1, entries}
  end
  for _, entry in ipairs(found) do
    if room <= 0 then
      break
    end
    local before = room
    for _, value in ipairs(entry[2]) do
      room = room - #value
    end
    entries[#entries + 1] = entry
    from = '(' .. entry[1]
    step = before - room < 1024 and 16 or 1 -- a small entry is likely to be followed by small ones
  end
end
return {0, entries}
