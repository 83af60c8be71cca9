-- A node reports what it has spent of a hold and what it still needs of it, and asks for more: for a key, from its monthly limit and its
-- account's wallet at once. Each message has the whole state and a number, so a duplicate or a lost one changes no sum. What a hold has
-- that its node does not know of, because an answer was lost, is free again. What was spent beyond it is charged all the same: the balance
-- may go below zero, and nothing is granted before it is above again.
--
-- Where there is too little and others hold some, they are asked once to give back what they do not need.
--
-- KEYS  epoch, key, wallet_key, spending_key, holds, deadlines, ledger, alerts, levels (of the alerts), nodes
-- ARGV  id (of the key), name (of the hold), number (of the message), spent (so far), needed (still), first (what the first that waits
--       needs), waiting (what all that wait need), wanted, account, node, channel, asked ('1': the others have been asked)
-- ANSWERS  ok, empty, late, lost, gone
-- USES  alerts, clock, integers, nodes, wallet, holds
number, spent, needed = tonumber(number), integer(spent, 'report'), integer(needed, 'report')
first, waiting, wanted = integer(first, 'report'), integer(waiting, 'report'), integer(wanted, 'report')

if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
local now_ms = clock_ms()
local wallet = open_wallet(wallet_key, ledger)
end_old_holds(holds, deadlines, nodes, wallet, spending_key, now_ms)

local hold = open_hold(holds, name)
if hold and number <= hold.number or not hold and number > 1 then
  save_wallet(wallet)
  return hold and {'late'} or {'lost'}
end
hold = hold or {key = id, held = 0, spent = 0}
local spending = open_spending(spending_key, id, now_ms)
if hold.entry then
  restore_hold(hold, wallet, spending, now_ms)
end

local more = math.max(spent - hold.spent, 0)
charge(wallet, spending, more, now_ms)
local overdrawn, is_in_use = more > hold.held, needed > 0
needed = math.min(needed, math.max(hold.held - more, 0))

local record = redis.call('HMGET', key, 'ver', 'spend')
spending.gone = not record[1]
local limit = record[2] and integer(record[2], 'limit')
local held_by_others, held_by_key = wallet.held - hold.held, spending.held - hold.held
local room_of_key = limit and limit - spending.spent - held_by_key - needed or math.huge
local room = math.min(wallet.balance - held_by_others - needed, room_of_key)
local granted, shortage, most, others_hold = 0, 0, 0, 0
if waiting > 0 and not spending.gone then
  -- In advance a node gets at most an eighth of what is left, and nothing of what is needed for the last 64: other nodes want it too. Less
  -- than the first request needs is of no use there.
  local spare = room >= 64 * first and math.floor(room / 8) or 0
  granted = math.max(math.min(math.max(waiting, math.min(wanted, spare)), room), 0)
  if granted ~= waiting then
    granted = granted - granted % first
  end
  if granted < waiting and room_of_key < waiting and first <= wallet.balance then
    shortage, most, others_hold = 1, limit - spending.spent, held_by_key
  elseif granted < waiting then
    shortage, most, others_hold = 2, wallet.balance, held_by_others
  end
end
local called = asked ~= '1' and first <= most and others_hold > 0
if called then
  ask_others(wallet_key, channel, account, shortage == 1 and id or '0', now_ms)
elseif overdrawn and held_by_others > 0 then
  ask_others(wallet_key, channel, account, '0', now_ms)
end

hold.held, hold.spent, hold.number, hold.node, hold.reported_ms = needed + granted, spent, number, node, now_ms
wallet.held = held_by_others + hold.held
spending.held = math.max(held_by_key + hold.held, 0)
if hold.held > 0 or is_in_use then -- requests in flight may cost something, though the hold was used up by one that cost too much
  save_hold(holds, deadlines, name, hold, now_ms + hold_lasts_ms)
else
  remove_hold(holds, deadlines, name)
end
save_wallet(wallet)
save_spending(spending)
if spending.gone then
  return {'gone'}
end
local key_used, used, added = spending.spent + spending.held, wallet.added - wallet.balance + wallet.held, wallet.added
if limit and (more > 0 or waiting > 0) then
  note_level(alerts, levels, 'key.spend', account, id, 'month', spending.spent, limit, now_ms)
end
if wallet.base > 0 and (more > 0 or waiting > 0) then
  note_level(alerts, levels, 'wallet', account, '0', '', wallet.base - wallet.balance, wallet.base, now_ms)
end
if shortage == 1 then
  used, added = key_used, limit
end
return {'ok', granted, shortage, spending.month, used, added, most, called and 1 or 0, wallet.balance}
