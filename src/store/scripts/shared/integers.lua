-- Parses a stored whole number that is small enough for sums of it to be exact. Anything else is an error: "nan" would be neither above nor
-- below a limit.
local function integer(text, what)
  local number = string.match(text, '^%-?%d+$') and tonumber(text)
  assert(number and math.abs(number) < 9007199254740992, 'MALFORMED ' .. what)
  return number
end
