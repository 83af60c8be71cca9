-- A new account. The first one makes the epoch record, by which an emptied store is told from a new one.
--
-- KEYS  epoch, schema, accounts, account
-- ARGV  id, name, plan (may be empty), a random text for the epoch
-- USES  clock
local epoch, schema, accounts, account = unpack(KEYS)
local id, name, plan, random = unpack(ARGV)

redis.call('SET', epoch, random, 'NX')
redis.call('SET', schema, '1', 'NX')
redis.call('ZADD', accounts, id, id)
redis.call('HSET', account, 'name', name, 'active', '1', 'created', string.format('%.0f', clock_ms()), 'ver', 1)
if plan ~= '' then
  redis.call('HSET', account, 'plan', plan)
end
return {'ok'}
