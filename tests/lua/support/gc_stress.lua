-- Named before a spec, this makes the collector work at every kilobyte, a whole cycle each time, in
-- the state that runs the specs: what C holds without an anchor is gone at once.
collectgarbage("incremental", 1, 1000, 10)
collectgarbage() -- else the pause that was set before is waited for

describe("the collector", function()
  it("collects what nothing holds within a few allocations", function()
    local weak = setmetatable({}, { __mode = "v" })
    local n = 0
    weak[1] = {}
    while weak[1] and n < 10000 do
      n = n + 1
      local _ = { n }
    end
    assert(n < 100, n) -- thousands, with the settings that Lua starts with
  end)
end)
