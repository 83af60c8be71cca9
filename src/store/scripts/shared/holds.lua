-- The holds of an account's money: name -> "<key> <held> <spent so far> <number of the last message> <node> <when that came (ms)>", and
-- once it was ended the entry of the ledger that it was charged in. `deadlines` has when each is ended, or forgotten.
local hold_lasts_ms, hold_remembered_ms = 600000, 86400000

local function open_hold(holds, name)
  local text = redis.call('HGET', holds, name)
  if not text then
    return nil
  end
  local key, held, spent, number, node, reported_ms, entry = string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%S+) (%d+) ?(%d*)$')
  assert(key, 'MALFORMED hold')
  return {key = key, held = integer(held, 'hold'), spent = integer(spent, 'hold'), number = tonumber(number), node = node,
    reported_ms = tonumber(reported_ms), entry = tonumber(entry)}
end

local function save_hold(holds, deadlines, name, hold, until_ms)
  local words = {hold.key, whole(hold.held), whole(hold.spent), whole(hold.number), hold.node, whole(hold.reported_ms)}
  words[7] = hold.entry and whole(hold.entry)
  redis.call('HSET', holds, name, table.concat(words, ' '))
  redis.call('ZADD', deadlines, whole(until_ms), name)
end

local function remove_hold(holds, deadlines, name)
  redis.call('HDEL', holds, name)
  redis.call('ZREM', deadlines, name)
end

-- Whether the node sent a heartbeat not long ago, and may still report on its hold.
local function is_held_by_a_live_node(nodes, hold, now_ms)
  local seen_ms, trust_ms = read_node(redis.call('HGET', nodes, hold.node))
  return seen_ms and now_ms - seen_ms <= trust_ms and now_ms - hold.reported_ms < hold_remembered_ms
end

-- A hold that is not reported for too long counts as used. Its node may be cut off and know better, so it can still report for a day.
local function end_old_holds(holds, deadlines, nodes, wallet, spending_key, now_ms)
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', deadlines, '-inf', whole(now_ms), 'LIMIT', 0, 20)) do
    local hold = open_hold(holds, name)
    if not hold or hold.entry then
      remove_hold(holds, deadlines, name)
    elseif is_held_by_a_live_node(nodes, hold, now_ms) then
      redis.call('ZADD', deadlines, whole(now_ms + hold_lasts_ms), name)
    else
      local spending = open_spending(spending_key, hold.key, now_ms)
      charge(wallet, spending, hold.held, now_ms)
      spending.held = math.max(spending.held - hold.held, 0)
      wallet.held = wallet.held - hold.held
      hold.entry = spending.entry
      save_spending(spending)
      save_hold(holds, deadlines, name, hold, now_ms + hold_remembered_ms)
    end
  end
end

-- Publishes that money is wanted, for all keys of the account or for one of them: nodes give back what they hold and do not need.
local function ask_others(wallet_key, channel, account, key, now_ms)
  local asked_ms = tonumber(redis.call('HGET', wallet_key, 'asked')) or 0
  if math.abs(now_ms - asked_ms) >= 50 then
    redis.call('HSET', wallet_key, 'asked', whole(now_ms))
    redis.call('PUBLISH', channel, 'wanted ' .. account .. ' ' .. key)
  end
end

-- Restores an ended hold when its node reports on it again.
local function restore_hold(hold, wallet, spending, now_ms)
  take_back(wallet, spending, hold.held, hold.entry, now_ms)
  spending.held = spending.held + hold.held
  wallet.held = wallet.held + hold.held
  hold.entry = nil
end
