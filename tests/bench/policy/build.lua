-- build.lua COUNT REQUEST: microseconds per policy.build of the request in that file.
local count = tonumber(arg[1])
local request = json.decode(fs.read(arg[2]))

local function measure(n)
  local start = os.clock()
  for _ = 1, n do
    assert(policy.build("a0", request))
  end
  return (os.clock() - start) / n * 1e6
end

measure(count // 10)
print(measure(count))
