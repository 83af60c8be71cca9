-- Adds credits to an account, or changes its plan: once for each reference.
--
-- KEYS  epoch, account, wallet_key, ledger, references, sequence
-- ARGV  channel, id, kind ('topup' or 'plan'), value (micro-credits, or the plan; empty: none), reference (may be empty)
-- ANSWERS  ok, empty, gone, mismatch, too_much
-- USES  audit, change, clock, integers, wallet
if redis.call('EXISTS', epoch) == 0 then
  return {'empty'}
end
if redis.call('EXISTS', account) == 0 then
  return {'gone'}
end
local wallet = open_wallet(wallet_key, ledger)
local earlier = reference ~= '' and redis.call('HGET', references, reference)
if earlier then
  return earlier == kind .. ' ' .. value and {'ok', whole(wallet.balance), whole(wallet.held)} or {'mismatch'}
end
if kind == 'topup' and wallet.balance + value > largest_balance then
  return {'too_much'}
end
local moved = audit_has_moved()
if moved then
  return moved
end
local now = whole(clock_ms())
if kind == 'topup' then
  wallet.balance = wallet.balance + value
  wallet.added = math.min(wallet.added + value, largest_balance)
  wallet.base = wallet.balance
  add_entry(wallet, kind, now, value, '0', '0', reference)
else
  if value == '' then
    redis.call('HDEL', account, 'plan')
  else
    redis.call('HSET', account, 'plan', value)
  end
  add_entry(wallet, kind, now, '0', '0', '0', reference, value)
end
save_wallet(wallet)
if reference ~= '' then
  redis.call('HSET', references, reference, kind .. ' ' .. value)
end
write_audit()
local number = publish_change(sequence, channel, 'account', id, redis.call('HINCRBY', account, 'ver', 1))
return {'ok', whole(wallet.balance), whole(wallet.held), number}
