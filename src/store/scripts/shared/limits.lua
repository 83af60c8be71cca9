-- The windows and their rings of buckets, from core/policy/limits.h by way of store/window_table.cpp: `windows` in the order in which they
-- are checked, each with its name, whether it is a rate, the bit of what it is charged to, and which sum of its ring it is; `ring_kinds`
-- with name, bit, the width of a bucket and how many of them each window counts; `count_bit`, by which all quotas are counted in the key.
-- FROM  window_table
local quota_names = {} -- the fields of a key's quotas
for _, window in ipairs(windows) do
  if not window.is_rate then
    quota_names[#quota_names + 1] = window.name
  end
end

-- Parses the quotas, by window, from the reply to HMGET of `quota_names` after so many other fields.
local function quotas_in(record, before)
  local quotas, at = {}, before
  for index, window in ipairs(windows) do
    if not window.is_rate then
      at = at + 1
      quotas[index] = record[at] or nil
    end
  end
  return quotas
end

local function has_bit(bits, bit)
  return math.floor(bits / bit) % 2 == 1
end

-- The bits of what is charged under these limits, by window.
local function bits_of(limits)
  local bits = 0
  for index, window in ipairs(windows) do
    if limits[index] and not has_bit(bits, window.bit) then
      bits = bits + window.bit
    end
    if limits[index] and not window.is_rate and not has_bit(bits, count_bit) then
      bits = bits + count_bit
    end
  end
  return bits
end
