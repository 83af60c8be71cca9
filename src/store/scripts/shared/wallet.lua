-- An account's money, in whole micro-credits: `balance` is the sum of its ledger, below zero where more was used than was held; `held` is
-- the sum of the nodes' holds; `added` is all that was ever given; `base` is what there was after the last top-up.
local wallet_fields = {'balance', 'held', 'added', 'entries', 'base'}

-- The largest balance, 9e9 credits: twice as much would not be exact any more.
local largest_balance = 9000000000000000

local function whole(number)
  return string.format('%.0f', number)
end

local function open_wallet(key, ledger)
  local fields = redis.call('HMGET', key, unpack(wallet_fields))
  local wallet = {key = key, ledger = ledger}
  for index, name in ipairs(wallet_fields) do
    wallet[name] = integer(fields[index] or '0', 'wallet')
  end
  return wallet
end

local function save_wallet(wallet)
  redis.call('HSET', wallet.key, 'balance', whole(wallet.balance), 'held', whole(wallet.held), 'added', whole(wallet.added), 'entries',
    whole(wallet.entries), 'base', whole(wallet.base))
end

-- Writes a ledger entry: type, when, amount, key, when it was last added to, reference, plan.
local function write_entry(wallet, number, ...)
  redis.call('HSET', wallet.ledger, whole(number), table.concat({...}, '\n'))
end

local function add_entry(wallet, ...)
  wallet.entries = wallet.entries + 1
  write_entry(wallet, wallet.entries, ...)
  return wallet.entries
end

-- Reads an entry of usage: when it began, and its sum so far.
local function read_use(wallet, number)
  local began, charged = string.match(redis.call('HGET', wallet.ledger, whole(number)) or '', '^usage\n(%d+)\n%-(%d+)\n')
  return tonumber(began), tonumber(charged)
end

local function write_use(wallet, number, began_ms, charged, id, now_ms)
  write_entry(wallet, number, 'usage', whole(began_ms), '-' .. whole(charged), id, whole(now_ms))
end

-- The calendar month in UTC: year * 12 + month of the year from 0.
local function month_of(now_ms)
  local days = math.floor(now_ms / 86400000) + 719468
  local era = math.floor(days / 146097)
  local day = days - era * 146097
  local year = math.floor((day - math.floor(day / 1460) + math.floor(day / 36524) - math.floor(day / 146096)) / 365)
  local march = math.floor((5 * (day - (365 * year + math.floor(year / 4) - math.floor(year / 100))) + 2) / 153)
  return (year + era * 400) * 12 + march + 2
end

-- Opens a key's spending: what it has spent this month and holds, and the ledger's entry that its charges of today are added up in; "gone"
-- once the key was deleted while something was held. A clock that goes back stands still here: no month begins twice.
local function open_spending(key, id, now_ms)
  local spending = {key = key, id = id, month = month_of(now_ms), spent = 0, held = 0, day = 0, entry = 0}
  local text = redis.call('HGET', key, id)
  if text then
    local month, spent, held, day, entry, gone = string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+) ?(%a*)$')
    assert(month, 'MALFORMED spending')
    if tonumber(month) >= spending.month then
      spending.month, spending.spent = tonumber(month), integer(spent, 'spending')
    end
    spending.held, spending.day, spending.entry = integer(held, 'spending'), tonumber(day), tonumber(entry)
    spending.gone = gone == 'gone'
  end
  return spending
end

local function save_spending(spending)
  if spending.gone and spending.held == 0 then
    redis.call('HDEL', spending.key, spending.id)
    return
  end
  redis.call('HSET', spending.key, spending.id, table.concat({whole(spending.month), whole(spending.spent), whole(spending.held),
    whole(spending.day), whole(spending.entry), spending.gone and 'gone' or nil}, ' '))
end

-- Charges a key's usage: takes it off the balance and adds it to the ledger, in one entry for each key and day.
local function charge(wallet, spending, amount, now_ms)
  amount = math.min(amount, wallet.balance + largest_balance)
  if amount <= 0 then
    return
  end
  wallet.balance = wallet.balance - amount
  spending.spent = spending.spent + amount
  local today = math.max(math.floor(now_ms / 86400000), spending.day)
  local began, charged
  if spending.day == today then
    began, charged = read_use(wallet, spending.entry)
  end
  if began then
    write_use(wallet, spending.entry, began, charged + amount, spending.id, now_ms)
  else
    spending.day = today
    spending.entry = add_entry(wallet, 'usage', whole(now_ms), '-' .. whole(amount), spending.id, whole(now_ms))
  end
end

-- Takes a charge of this key back out of the entry that it went into.
local function take_back(wallet, spending, amount, entry, now_ms)
  local began, charged = read_use(wallet, entry)
  if not began then
    return
  end
  amount = math.min(amount, charged)
  write_use(wallet, entry, began, charged - amount, spending.id, now_ms)
  wallet.balance = wallet.balance + amount
  if month_of(began) == spending.month then
    spending.spent = math.max(spending.spent - amount, 0)
  end
end
