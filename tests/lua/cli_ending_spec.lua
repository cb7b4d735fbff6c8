-- luacheck: read globals temp_folder
-- What runs can always be ended: by the end of its time, by SIGTERM, by a second Ctrl-C.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

-- Each says that it is ready, and does not come back from C.
local stuck = {
  ["a pattern"] = [[print "ready" string.find(("a"):rep(3000), (".-"):rep(12) .. "b")]],
  ["table.move"] = [[print "ready" table.move({}, 1, 1 << 60, 2)]],
  ["table.concat of gsub"] = [[print "ready" ; ("x"):rep(1 << 20):gsub(".-.-.-.-y", "")]],
  ["a sort"] = [[
    local t = {}
    for i = 1, 30 do t[i] = ("x"):rep(4 << 20) .. (31 - i) end
    print "ready"
    while true do table.sort(t) for i = 1, 15 do t[i], t[31 - i] = t[31 - i], t[i] end end]],
  ["a finalizer"] = [[
    setmetatable({}, { __gc = function() print "ready" while true do end end })
    collectgarbage()]],
  ["a finalizer at the end"] = [[
    keep = setmetatable({}, { __gc = function() print "ready" while true do end end })]],
  ["a handler of __close"] = [[
    print "ready"
    local c <close> = setmetatable({}, { __close = function() table.move({}, 1, 1 << 60, 2) end })
    task.sleep(100)]],
}

describe("cli ending", function()
  local place

  -- Each its own: a test waits for a text in what this run wrote.
  before_each(function()
    place = cli.place(temp_folder())
  end)

  local function signalled(code, signals)
    place:write("stuck.lua", code)
    return place:shell(([[
      rm -f pipe; mkfifo pipe
      "$SS" stuck.lua >pipe & pid=$!
      exec 3<pipe
      read -r line <&3
      %s
      wait $pid
    ]]):format(signals))
  end

  for name, code in pairs(stuck) do
    it("by --timeout: " .. name, function()
      local r = place:run { "--timeout", "0.3", "-e", code }
      assert.equal(5, r.code, r.err)
      assert.matches("the time of the run is over", r.err, 1, true)
      if name ~= "a finalizer at the end" then -- no line runs any more
        assert.matches("%(command line%):%d", r.err)
      end
    end)

    it("by SIGTERM: " .. name, function()
      local r = signalled(code, "kill -TERM $pid")
      assert.equal(143, r.code, r.err)
    end)

    it("by a second Ctrl-C: " .. name, function()
      local r = signalled(code, "kill -INT $pid; while kill -INT $pid 2>/dev/null; do :; done")
      assert.equal(130, r.code, r.err)
    end)
  end

  it("by SIGTERM, softly where that will do", function()
    local r = signalled([[
      local c <close> = setmetatable({}, { __close = function() log.error "closed" end })
      print "ready"
      task.sleep(100)]], "kill -TERM $pid")
    assert.equal(143, r.code, r.err)
    assert.matches("error closed", r.err)
  end)

  it("not while tasks clean up by waiting", function()
    local r = place:run { "--timeout", "0.5", "-e", [[
      task.sleep(100)
      assert(task.join(task.spawn(function() task.sleep(0.6) log.error "cleaned up" end)))]] }
    assert.equal(5, r.code, r.err)
    assert.matches("error cleaned up", r.err)
  end)

  it("by --timeout, also of a test", function()
    place:write("loop_spec.lua", "it('loops', function() table.move({}, 1, 1 << 60, 2) end)\n")
    local r = place:run { "test", "--timeout", "0.5", "loop_spec.lua" }
    assert.equal(5, r.code, r.err)
    assert.matches("the time of the run is over", r.err, 1, true)
  end)

  it("whenever Ctrl-C comes", function()
    local r = place:shell([[
      for i in 1 2 3 4 5 6 7 8 9 10; do
        "$SS" -e 'keep = setmetatable({}, { __gc = function() end })' & pid=$!
        n=0; while [ $n -lt $((i * 40)) ]; do n=$((n + 1)); done
        while kill -INT $pid 2>/dev/null; do :; done
        wait $pid; code=$?
        case $code in 0|130) ;; *) echo "$i: $code";; esac
      done
    ]])
    assert.equal("", r.out)
  end)

  it("says what the first Ctrl-C cannot stop", function()
    local r = signalled(stuck["table.move"], [[kill -INT $pid
      while ! grep -q "Ctrl-C again" run*.err; do :; done
      kill -INT $pid]])
    assert.equal(130, r.code, r.err)
    assert.matches("interrupted, but what runs does not stop by itself: Ctrl-C again ends the process", r.err, 1, true)
  end)
end)

describe("cli ending of inputs without a terminal", function()
  it("is for each input anew", function()
    local place = cli.place(temp_folder())
    local r = place:run { "repl", "--timeout", "2", stdin = ("task.sleep(0.8)\n"):rep(3) .. "print 'all'\n" }
    assert.equal(0, r.code, r.err)
    assert.matches("all\n", r.out, 1, true)
  end)
end)
