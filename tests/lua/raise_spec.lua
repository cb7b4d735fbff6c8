-- luacheck: read globals temp_folder
-- An error that is caught and raised again keeps the place where it arose, and gets no second one.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local MISSING = 'get Pod default/x: pods "x" not found (context embedded, HTTP 404)'

-- What the last lines of s.lua raise → what is reported.
local CAUGHT = {
  { "error(e)", [[local function f()
  error("boom")
end
local _, e = pcall(f)
error(e)]], "s.lua:2: boom" },
  { "error(e) of an error of Lua's own, through two functions", [[local function f()
  local x; x.y = 1
end
local function g() local ok, e = pcall(f); if not ok then error(e) end end
local _, e = pcall(g)
error(e)]], "s.lua:2: attempt to index a nil value (local 'x')" },
  { "assert(ok, e)", [[local ok, e = xpcall(function()
  error("boom")
end, function(e) return e end)
assert(ok, e)]], "s.lua:2: boom" },
  { "error(e, 0) of an error object", [[local function f()
  assert(k8s.get { kind = "Pod", name = "x" })
end
local _, e = pcall(f)
error(e, 0)]], "s.lua:2: " .. MISSING },
  { "an object of the script's own", [[local STOP = setmetatable({}, { __tostring = function() return "stop" end })
local function f() error(STOP) end
local _, e = pcall(f)
error(e)]], "s.lua:2: stop" },
  { "assert(task.join(t))", [[local t = task.spawn(function()
  error("boom")
end)
assert(task.join(t))]], "s.lua:2: boom" },
  { "assert(task.join(t)) of an object that is none of ours", [[local t = task.spawn(function()
  error(setmetatable({}, { __tostring = function() return "stop" end }))
end)
assert(task.join(t))]], "s.lua:2: stop" },
  { "an error object of a task", [[local t = task.spawn(function()
  assert(k8s.get { kind = "Pod", name = "x" })
end)
local _, e = task.join(t)
error(e)]], "s.lua:2: " .. MISSING },
  { "task.map", [[task.map({ 1, 2 }, function()
  assert(k8s.get { kind = "Pod", name = "x" })
end)]], "s.lua:2: " .. MISSING },
  { "coroutine.wrap", [[local f = coroutine.wrap(function()
  error("boom")
end)
f()]], "s.lua:2: boom" },
  { "coroutine.resume", [[local co = coroutine.create(function()
  assert(k8s.get { kind = "Pod", name = "x" })
end)
local _, e = coroutine.resume(co)
error(e)]], "s.lua:2: " .. MISSING },
  { "a __close that raises it again", [[local _ <close> = setmetatable({}, { __close = function(_, e) error(e) end })
error("boom")]], "s.lua:2: boom" },
  { "a module", [[
require("broken")]], "broken.lua:2: boom" },
  { "a module that asserts", [[
require("asserting")]], "asserting.lua:2: " .. MISSING },
}

describe("an error that is raised again", function()
  local place

  before_each(function()
    place = cli.place(temp_folder())
    place:write("broken.lua", "\nerror('boom')")
    place:write("asserting.lua", "\nassert(k8s.get { kind = 'Pod', name = 'x' })")
  end)

  local function run(text)
    place:write("s.lua", text)
    local r = place:run { "--cluster", "embedded:c.db", "run", "s.lua" }
    assert.equal(1, r.code, r.err)
    return r.err:match("^sandscript: ([^\n]*)"):gsub("^/[^ ]*/", "")
  end

  for _, case in ipairs(CAUGHT) do
    it("keeps its place: " .. case[1], function()
      assert.equal(case[3], (run(case[2])))
    end)
  end

  it("gets a place when it has none, or is another one", function()
    assert.equal("s.lua:2: boom", (run "local _, e = pcall(error, 'boom', 0)\nerror(e)"))
    assert.equal("s.lua:2: while it ran: s.lua:1: boom",
      (run "local _, e = pcall(function() error('boom') end)\nerror('while it ran: ' .. e)"))
    assert.equal("s.lua:2: 10.0.0.1:80: refused", (run "\nerror('10.0.0.1:80: refused')"))
    assert.equal("s.lua:3: boom", (run "local f = function() error('boom') end\npcall(f)\nerror('boom')"))
    assert.equal("s.lua:2: " .. MISSING, (run "local o, e = k8s.get { kind = 'Pod', name = 'x' }\nassert(o, e)"))
  end)

  it("is remembered after others were caught, but not for ever", function()
    local text = "local _, e = pcall(function() error('boom') end)\n"
      .. "for i = 1, %d do pcall(error, 'a.lua:' .. i .. ': x') end\nerror(e)"
    assert.equal("s.lua:1: boom", (run(text:format(15))))
    assert.equal("s.lua:3: s.lua:1: boom", (run(text:format(16))))
  end)

  it("keeps its place in the hook of a policy", function()
    place:write("p/adapters/h.lua", [[return adapter {
  name = "h", image = "x.example/y:1", resources = { limits = { cpu = "1", memory = "1Gi" } },
  build = function()
    local ok, e = pcall(function()
      error("boom")
    end)
    assert(ok, e)
  end,
}]])
    local r = place:run { "--policy", "p", "build", "h", "--set", "namespace=n", "--set", "sandboxName=s",
      "--set", "envSecretName=e", "--set", "serviceAccountName=a" }
    assert.equal(1, r.code)
    assert.matches("h.lua:5: boom", r.err, 1, true)
    assert.is_nil(r.err:find("h.lua:7", 1, true), r.err)
  end)
end)
