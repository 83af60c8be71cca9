-- Whether this message is a duplicate. A sender numbers its messages and sends one at a time.
local function is_duplicate(sender, number)
  if tonumber(redis.call('GET', sender) or 0) >= tonumber(number) then
    return true
  end
  redis.call('SET', sender, number, 'EX', 86400)
  return false
end
