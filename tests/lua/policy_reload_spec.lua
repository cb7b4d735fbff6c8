-- luacheck: read globals temp_folder
-- policy.reload, wait, history, diff, rollback; run --watch and its SIGHUP.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local place

local PRELUDE = [[
local function put(name, image, more)
  fs.write(("policy/adapters/%s.lua"):format(name),
    ("return adapter { name = %q, image = %q, %s }\n"):format(name, image, more or ""))
end
local function image(name)
  local manifest, err = policy.build(name,
    { namespace = "demo", sandboxName = "s1", envSecretName = "e", serviceAccountName = "agent" })
  return manifest and manifest.spec.podTemplate.spec.containers[1].image or err.code
end
assert(policy.list()) -- loads them
]]

local function put(name, image)
  place:write(("policy/adapters/%s.lua"):format(name),
    ("return adapter { name = %q, image = %q }\n"):format(name, image))
end

local function run(code, option)
  place:write("script.lua", PRELUDE .. code)
  return cli.ok(place:run { "run", "--policy=policy", option or "--log=info", "script.lua" })
end

describe("loading policies anew", function()
  before_each(function()
    place = cli.place(temp_folder())
    put("one", "x.example/one:1")
    put("two", "x.example/two:1")
  end)

  it("reload: what changed, and what fails and is held", function()
    local r = run([[
      put("one", "x.example/one:2")
      put("two", "x.example/two:2", "imgae = 1")
      local generation, info = policy.reload()
      assert(generation == 2 and #info.changed == 1)
      assert(info.changed[1].name == "one" and info.changed[1].change == "changed")
      local f = info.failed[1]
      assert(f.name == "two" and f.held and f.line == 1 and f.path == "imgae", yaml.encode(f))
      assert(f.message:find("did you mean 'image'", 1, true) and f.since:find("^20%d%d%-"))
      print(image("one"), image("two"))
      local _, state = policy.list()
      assert(state.generation == 2 and #state.failed == 1 and state.reload.passes == 1)
      assert(state.reload.loads == 2 and state.reload.failures == 1 and not state.reload.watching)
      generation, info = policy.reload()
      assert(generation == 2 and #info.changed == 0 and #info.failed == 1)
    ]])
    assert.equal("x.example/one:2\tx.example/two:1\n", r.out)
  end)

  it("other tasks go on while a file is loaded that never ends", function()
    local r = run([[
      put("one", "x.example/one:2", "labels = { x = (function() while true do end end)() }")
      local builds, done = 0, false
      local t = task.spawn(function() while not done do image("two") builds = builds + 1 task.sleep(0) end end)
      local _, info = policy.reload()
      done = true
      task.join(t)
      assert(info.failed[1].message:find("loading the file", 1, true), info.failed[1].message)
      print(builds > 10, image("one"))
    ]])
    assert.equal("true\tx.example/one:1\n", r.out)
  end)

  it("wait: until a generation serves, or the time is over", function()
    local r = run([[
      local t = task.spawn(function() return policy.wait(2, { timeout = 30 }) end)
      put("one", "x.example/one:2")
      policy.reload()
      print(task.join(t))
      local n, err = policy.wait(9, { timeout = 0.02 })
      print(n, err.code, err.message)
      print(policy.wait(1))
      print(pcall(policy.wait, 0))
      print(pcall(policy.wait, 1, { tmeout = 1 }))
    ]])
    assert.matches("^2\nnil\ttimeout\tgeneration 9 did not come: 2 serves\n2\nfalse\t.*from 1 on", r.out)
    assert.matches("did you mean 'timeout'", r.out, 1, true)
  end)

  it("history, diff and rollback", function()
    local r = run([[
      put("one", "x.example/one:2")
      put("three", "x.example/three:1")
      policy.reload()
      local d = policy.diff()
      assert(not d.same and #d.files == 2 and d.files[1] == "adapters/one.lua")
      assert(d.text:find("\n-return adapter { name = \"one\", image = \"x.example/one:1\" }\n+return", 1, true), d.text)
      assert(d.text:find("--- /dev/null\n+++ adapters/three.lua\n@@ -0,0 +1,1 @@\n", 1, true), d.text)
      assert(policy.diff(2, 2).same)
      assert(policy.rollback(1) == 3)
      assert(image("one") == "x.example/one:1" and image("three") == "not_found")
      assert(select(2, policy.list()).reload.rolled_back)
      for _, g in ipairs(policy.history()) do
        print(g.generation, g.reason, g.of, g.serving, #g.changed)
      end
      local n, err = policy.rollback(8)
      print(n, err.code)
      print(policy.reload(), image("one"))
    ]])
    assert.equal("3\trollback\t1\ttrue\t2\n2\treload\tnil\tfalse\t2\n1\tstart\tnil\tfalse\t2\n"
      .. "nil\tnot_found\n4\tx.example/one:2\n", (r.out:gsub("4\ttable: %S+", "4")))
  end)

  it("run --watch: an edit is in force for the next build", function()
    local r = run([[
      put("one", "x.example/one:2")
      print(policy.wait(2), image("one"))
      assert(select(2, policy.list()).reload.watching)
    ]], "--watch")
    assert.equal("2\tx.example/one:2\n", r.out)
    assert.matches("info policy: generation 2 serves: one changed (", r.err, 1, true)
  end)

  it("run --watch: SIGHUP looks at once, and ends a rollback", function()
    place:write("script.lua", PRELUDE .. [[
      put("one", "x.example/one:2")
      policy.wait(2)
      policy.rollback(1)
      print("ready")
      fs.write("ready", "")
      print(policy.wait(4), image("one"))
    ]])
    local r = place:shell([[
      "$SS" run --watch --policy policy script.lua >out 2>err & pid=$!
      until [ -e ready ]; do sleep 0.02; done
      kill -HUP $pid; wait $pid; code=$?; cat out; cat err >&2; exit $code]])
    assert.equal(0, r.code, r.err)
    assert.equal("ready\n4\tx.example/one:2\n", r.out)
  end)
end)
