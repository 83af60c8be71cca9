-- A node tells what it has spent of a hold and what it still needs of it, and asks for more: for a key, from its monthly limit and its
-- account's wallet at once. Each message says all there is to say and has a number: one that comes twice, or never, changes no sum.
-- What a hold has that its node does not know of, because an answer was lost, is free again; a hold that no node speaks of for ten
-- minutes counts as used.
--
-- KEYS  epoch, key, wallet, spending, holds, deadlines, ledger, alerts, their levels
-- ARGV  key id, hold, number of the message, spent so far, still needed, needed by the first that waits, by all that wait, wanted, account
-- USES  alerts, clock, wallet
local epoch, key, holds, deadlines = KEYS[1], KEYS[2], KEYS[5], KEYS[6]
local id, name = ARGV[1], ARGV[2]
local number, spent, needed, first, waiting, wanted = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]),
  tonumber(ARGV[7]), tonumber(ARGV[8])
local lasts_ms = 600000

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local now_ms = clock_ms()
local wallet = open_wallet(KEYS[3], KEYS[7])

for _, old_name in ipairs(redis.call('ZRANGEBYSCORE', deadlines, '-inf', whole(now_ms), 'LIMIT', 0, 100)) do
  local old = open_hold(holds, old_name)
  if old then
    local spending = open_spending(KEYS[4], old.key, now_ms)
    charge(wallet, spending, old.held, now_ms)
    spending.held = math.max(spending.held - old.held, 0)
    save_spending(spending)
    wallet.held = wallet.held - old.held
  end
  redis.call('HDEL', holds, old_name)
  redis.call('ZREM', deadlines, old_name)
  save_wallet(wallet)
end

local hold = open_hold(holds, name)
if not hold then
  if number > 1 then
    return {'lost'}
  end
  hold = {held = 0, spent = 0}
elseif number <= hold.number then
  return {'late'}
end

local spending = open_spending(KEYS[4], id, now_ms)
local more = math.max(math.min(spent - hold.spent, hold.held), 0)
charge(wallet, spending, more, now_ms)
needed = math.min(needed, hold.held - more)

local granted, refusing, gone = 0, 0, false
local limit
local used_by_others = wallet.held - hold.held + needed
local key_used = spending.spent + spending.held - hold.held + needed
if waiting > 0 then
  local record = redis.call('HMGET', key, 'ver', 'spend')
  gone = not record[1]
  limit = record[2] and assert(tonumber(record[2]), 'MALFORMED limit')
  local room_of_key = limit and limit - key_used or math.huge
  local room = gone and 0 or math.min(wallet.balance - used_by_others, room_of_key)
  -- In advance nobody gets more than an eighth of what is left, and nothing of what is needed for the last 64: the others want it too.
  -- What is less than the first needs is of use to nobody there.
  local spare = room >= 64 * first and math.floor(room / 8) or 0
  granted = math.max(waiting, math.min(wanted, spare))
  granted = math.max(math.min(granted, room), 0)
  if granted ~= waiting then
    granted = granted - granted % first
  end
  if granted < waiting then
    refusing = room_of_key < waiting and 1 or 2
  end
end

local held = needed + granted
wallet.held = wallet.held - hold.held + held
spending.held = math.max(spending.held - hold.held + held, 0)
if held > 0 then
  redis.call('HSET', holds, name, table.concat({id, whole(held), whole(spent), whole(number)}, ' '))
  redis.call('ZADD', deadlines, whole(now_ms + lasts_ms), name)
else
  redis.call('HDEL', holds, name)
  redis.call('ZREM', deadlines, name)
end
save_wallet(wallet)
save_spending(spending)
if gone then
  return {'gone'}
end
if more > 0 or waiting > 0 then
  if limit then
    note_level(KEYS[8], KEYS[9], 'key.spend', ARGV[9], id, 'month', key_used + granted, limit, now_ms)
  end
  if wallet.base > 0 then
    note_level(KEYS[8], KEYS[9], 'wallet', ARGV[9], '0', '', wallet.base - wallet.balance + wallet.held, wallet.base, now_ms)
  end
end
return {'ok', granted, now_ms, refusing, spending.month, key_used + granted, limit or -1, wallet.added - wallet.balance + wallet.held, wallet.added}
