-- wrk: another key with every request, in turn, from the file that BENCH_KEYS names.
local keys = {}
for line in io.lines(os.getenv("BENCH_KEYS")) do
    keys[#keys + 1] = line
end

local position = 0

function request()
    position = position % #keys + 1
    return wrk.format("GET", nil, { Authorization = "Bearer " .. keys[position] })
end
