-- luacheck: read globals temp_folder
-- Output that nobody reads: the loop goes on meanwhile, and at the end all of it is there.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

describe("cli output that nobody reads", function()
  local place

  setup(function()
    place = cli.place(temp_folder())
  end)

  -- The pipe is open and full; it is read when the other stream has shown the text.
  local function unread(code, text, rest)
    place:write("unread.lua", code)
    return place:shell(([[
      rm -f pipe; mkfifo pipe; : >told
      "$SS" unread.lua >pipe 2>told & pid=$!
      exec 3<pipe
      while ! grep -q '%s' told; do :; done
      %s
      wait $pid
    ]]):format(text, rest or "wc -l <&3"))
  end

  it("does not keep other tasks", function()
    local r = unread([[
      task.spawn(function() for i = 1, 100000 do print(i, "some more text to fill it") end end)
      for i = 1, 20 do task.sleep(0.001) end
      log.error "all ticks"
    ]], "all ticks")
    assert.equal(0, r.code, r.err)
    assert.equal("100000\n", r.out)
  end)

  it("makes who prints wait", function()
    local r = unread([[
      local n = 0
      task.spawn(function()
        for i = 1, 10 do print(("x"):rep(1 << 20)) n = n + 1 end
      end)
      for i = 1, 20 do task.sleep(0.001) end
      log.error("printed " .. n)
    ]], "printed [012]$", "wc -c <&3")
    assert.equal(0, r.code, r.err)
    assert.equal(10 * (1 << 20) + 10 .. "\n", r.out)
  end)

  it("is no reason not to end in time", function()
    local r = place:shell([[
      rm -f pipe; mkfifo pipe
      "$SS" --timeout 0.5 -e 'while true do print(("x"):rep(1000)) end' >pipe & pid=$!
      exec 3<pipe
      wait $pid
    ]])
    assert.equal(5, r.code, r.err)
  end)

  it("keeps the order of both where they go to one place", function()
    local r = place:shell([["$SS" -e 'for i = 1, 20000 do print(i) log.error("after", { i = i }) end' 2>&1 |
      awk '/^[0-9]+$/ { last = $1 } /^error after/ { if ($3 != "i=" last) bad++ } END { print last, bad + 0 }']])
    assert.equal("20000 0\n", r.out)
  end)

  it("says how much of the log nobody read", function()
    local r = place:shell([[
      rm -f pipe; mkfifo pipe
      "$SS" -e 'for i = 1, 40000 do log.error(("x"):rep(100)) end print "logged"' 2>pipe >told & pid=$!
      exec 3<pipe
      while ! grep -q logged told; do :; done
      grep -a 'records of the log are lost' <&3
      wait $pid
    ]])
    assert.equal(0, r.code, r.err)
    assert.matches("^warn %d+ records of the log are lost: nobody read them\n$", r.out)
  end)
end)
