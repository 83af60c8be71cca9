-- Has the sender told this before? His messages are numbered, and come one after the other.
local function was_told(sender, number)
  if tonumber(redis.call('GET', sender) or 0) >= tonumber(number) then
    return true
  end
  redis.call('SET', sender, number, 'EX', 86400)
  return false
end
