-- Returns the answer stored under the Idempotency-Key; nil: there is none.
--
-- ANSWERS  repeat (the sealed answer follows), mismatch (another request was made with this key)

local function answered_before(once, body)
  if body == '' then
    return nil
  end
  local earlier = redis.call('HMGET', once, 'body', 'answer')
  if not earlier[1] then
    return nil
  end
  return earlier[1] == body and {'repeat', earlier[2]} or {'mismatch'}
end

local function remember_answer(once, body, sealed)
  if body ~= '' then
    redis.call('HSET', once, 'body', body, 'answer', sealed)
    redis.call('EXPIRE', once, 86400)
  end
end
