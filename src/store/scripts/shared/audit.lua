-- The security log: these KEYS follow those of a script that writes to it, and these ARGV come before its own.
--
-- KEYS  audit_log, audit_head
-- ARGV  audit_number, audit_mac (of the entry that this one follows), audit_entry, audit_entry_mac
-- ANSWERS  behind

-- Returns the answer when another entry came in between; nil: none did.
local function audit_has_moved()
  local head = redis.call('HMGET', audit_head, 'number', 'mac')
  local number, mac = head[1] or '0', head[2] or ''
  if number ~= audit_number or mac ~= audit_mac then
    return {'behind', number, mac}
  end
end

local function write_audit()
  local number = string.format('%.0f', audit_number + 1)
  redis.call('XADD', audit_log, number .. '-0', 'entry', audit_entry, 'mac', audit_entry_mac)
  redis.call('HSET', audit_head, 'number', number, 'mac', audit_entry_mac)
end
