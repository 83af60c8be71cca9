-- An account's money, in whole micro-credits: `balance` is the sum of its ledger; `held` of that is with the nodes; `base` is what there was
-- after the last top-up.
local function open_wallet(key, ledger)
  local fields = redis.call('HMGET', key, 'balance', 'held', 'added', 'entries', 'base')
  local wallet = {key = key, ledger = ledger}
  for index, name in ipairs({'balance', 'held', 'added', 'entries', 'base'}) do
    wallet[name] = assert(tonumber(fields[index] or 0), 'MALFORMED wallet')
  end
  return wallet
end

local function whole(number)
  return string.format('%.0f', number)
end

local function save_wallet(wallet)
  redis.call('HSET', wallet.key, 'balance', whole(wallet.balance), 'held', whole(wallet.held), 'added', whole(wallet.added), 'entries',
    whole(wallet.entries), 'base', whole(wallet.base))
end

-- An entry: type, when, amount, key, when it was last added to, reference, plan.
local function write_entry(wallet, number, ...)
  redis.call('HSET', wallet.ledger, whole(number), table.concat({...}, '\n'))
end

local function add_entry(wallet, ...)
  wallet.entries = wallet.entries + 1
  write_entry(wallet, wallet.entries, ...)
  return wallet.entries
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

-- What a key has spent this month and holds; the ledger's entry that its charges of today are added up in.
local function open_spending(key, id, now_ms)
  local spending = {key = key, id = id, month = month_of(now_ms), spent = 0, held = 0, day = 0, entry = 0}
  local text = redis.call('HGET', key, id)
  if text then
    local month, spent, held, day, entry = string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+)$')
    assert(month, 'MALFORMED spending')
    spending.spent = tonumber(month) == spending.month and tonumber(spent) or 0
    spending.held, spending.day, spending.entry = tonumber(held), tonumber(day), tonumber(entry)
  end
  return spending
end

local function save_spending(spending)
  redis.call('HSET', spending.key, spending.id,
    table.concat({whole(spending.month), whole(spending.spent), whole(spending.held), whole(spending.day), whole(spending.entry)}, ' '))
end

-- What a key has used is taken off the balance, and stands in the ledger: one entry for each key and day.
local function charge(wallet, spending, amount, now_ms)
  if amount <= 0 then
    return
  end
  wallet.balance = wallet.balance - amount
  spending.spent = spending.spent + amount
  local today = math.floor(now_ms / 86400000)
  local earlier = spending.day == today and redis.call('HGET', wallet.ledger, whole(spending.entry))
  local began, charged = string.match(earlier or '', '^usage\n(%d+)\n%-(%d+)\n')
  if began then
    write_entry(wallet, spending.entry, 'usage', began, '-' .. whole(charged + amount), spending.id, whole(now_ms))
  else
    spending.day = today
    spending.entry = add_entry(wallet, 'usage', whole(now_ms), '-' .. whole(amount), spending.id, whole(now_ms))
  end
end

-- What a node holds: key, micro-credits held, spent so far, number of its last message.
local function open_hold(holds, id)
  local key, held, spent, number = string.match(redis.call('HGET', holds, id) or '', '^(%d+) (%d+) (%d+) (%d+)$')
  return key and {key = key, held = tonumber(held), spent = tonumber(spent), number = tonumber(number)}
end
