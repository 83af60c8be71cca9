-- A part of a stream: entries until so many bytes, or so many entries, are together. Answers whether that was all, and the entries.
--
-- KEYS  the stream
-- ARGV  XRANGE or XREVRANGE, where to begin and where to end, how many entries at most, how many bytes
local command, from, to = unpack(ARGV, 1, 3)
local most, room = tonumber(ARGV[4]), tonumber(ARGV[5])
local entries = {}

while #entries < most and room > 0 do
  local entry = redis.call(command, KEYS[1], from, to, 'COUNT', 1)[1]
  if not entry then
    return {1, entries}
  end
  entries[#entries + 1] = entry
  for _, value in ipairs(entry[2]) do
    room = room - #value
  end
  from = '(' .. entry[1]
end
return {0, entries}
