-- luacheck: read globals temp_folder
-- `sandscript check`: every problem of policy files, operator scripts and manifests.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local place

local function check(...)
  return place:run { "check", ... }
end

-- The findings of a run as "file:line: path: message", without the folder.
local function findings(...)
  local r = check("-o", "json", ...)
  local lines = {}
  for i, f in ipairs(json.decode(r.out)) do
    lines[i] = ("%s:%d: %s%s"):format(f.file:gsub("^.*policy/", ""), f.line, f.path and f.path .. ": " or "", f.message)
  end
  assert.equal(#lines > 0 and 1 or 0, r.code, r.err)
  assert.matches((" checked, %d finding"):format(#lines), r.err, 1, true)
  return table.concat(lines, "\n"), lines
end

local function finds(text, expected)
  assert.matches(expected, text, 1, true)
end

local function adapter(name, more)
  place:write(("policy/adapters/%s.lua"):format(name),
    ('return adapter {\n  name = "%s",\n  image = "x.example/a:1",\n%s}\n'):format(name, more or ""))
end

describe("check of a policy folder", function()
  before_each(function()
    place = cli.place(temp_folder())
    adapter("good")
  end)

  it("finds nothing in what is right", function()
    place:write("policy/local.d/acme.lua",
      'return overlay { adapter = "good", tenant = "acme", labels = { team = "acme" } }\n')
    assert.equal("", (findings("policy")))
    assert.equal("", check("policy").out)
  end)

  it("finds every problem of every file", function()
    adapter("two", '  imagge = "y",\n  probe = 1,\n')
    adapter("three", "  build = function(input)\n    leak = 1\n    return inptu\n  end,\n")
    place:write("policy/adapters/four.lua", "return adapter {\n  name = = 1 }\n")
    local text, lines = findings("policy")
    finds(text, "adapters/two.lua:4: imagge: unknown field 'imagge': did you mean 'image'?")
    finds(text, "adapters/two.lua:5: probe: ")
    finds(text, "adapters/three.lua:5: assignment to global 'leak': declare it with 'local'")
    finds(text, "adapters/three.lua:6: unknown global 'inptu'")
    finds(text, "adapters/four.lua:2: unexpected symbol near '='")
    assert.equal(5, #lines, text)
  end)

  it("tries a build, with the guard", function()
    adapter("two", "  build = function(input)\n    input.hostUsers = nil\n    input.resources = { limits = {} }\n"
      .. "    return input\n  end,\n")
    finds((findings("policy")), "adapters/two.lua:0: spec.podTemplate.spec.containers[0].resources.limits")
    adapter("two", "  build = function(input)\n    error('no luck')\n  end,\n")
    finds((findings("policy")), "adapters/two.lua:5: a build from it fails: no luck")
  end)

  it("finds hooks that keep something from call to call", function()
    adapter("two", "  build = (function()\n    local n = 0\n    return function(input)\n      n = n + 1\n"
      .. "      input.labels = { n = tostring(n) }\n      return input\n    end\n  end)(),\n")
    finds((findings("policy")), "adapters/two.lua:4: a build from it fails: the build hook changed 'n', which outlives")
  end)

  it("says a field once, and reports by line", function()
    adapter("two", '  volumes = { workspace = 3 },\n  allow = { labels = true },\n  lable = {},\n  image = 3,\n')
    local r = place:run { "check", "policy" }
    assert.matches("two.lua:%d+: allow.labels: a request may always set 'labels'\n", r.out)
    local last = 0
    for line in r.out:gmatch("two.lua:(%d+)") do
      assert.is_true(math.tointeger(line) >= last, r.out)
      last = math.tointeger(line)
    end
    assert.is_true(last > 3, r.out)
  end)

  it("finds a folder that has the name of a file", function()
    assert(os.execute(("mkdir -p %s/policy/adapters/x.lua %s/y.lua"):format(place.dir, place.dir)))
    finds(findings "policy", "adapters/x.lua:0: is a directory, not a file")
    finds(findings "y.lua", "is a directory, not a file")
    assert(os.execute(("mkdir -p %s/policy/local.d/z.lua"):format(place.dir)))
    local listed = place:run { "policy", "list", "--policy", "policy" }
    local built = place:run { "build", "x", "--policy", "policy" }
    local tested = place:run { "test", "policy" }
    assert.same({ 1, 1, 1 }, { listed.code, built.code, tested.code })
    for _, text in ipairs { findings "policy", listed.err, tested.out } do
      assert.matches("adapters/x.lua:?0?: is a directory, not a file", text)
      assert.matches("local.d/z.lua:?0?: is a directory, not a file", text)
    end
    assert.matches("adapters/x.lua: is a directory, not a file", built.err, 1, true)
  end)

  it("knows an adapter by what it returns, wherever it lies", function()
    place:write("elsewhere/mine.lua", 'return adapter {\n  name = "mine",\n  imagge = "x" }\n')
    place:write("elsewhere/broken.lua", 'return adapter {\n  name = = 1 }\n')
    place:write("elsewhere/text.lua", "print([[\nreturn adapter { name = 'x' }\n]])\n")
    local text, lines = findings "elsewhere"
    finds(text, "mine.lua:3: imagge: unknown field 'imagge'")
    finds(text, "broken.lua:2: unexpected symbol")
    assert.is_nil(text:find("text.lua", 1, true))
    assert.is_true(#lines >= 2)
  end)

  it("takes a path without anything to check for a mistake, as test does", function()
    assert(os.execute(("mkdir -p %s/empty/.hidden"):format(place.dir)))
    place:write("other/notes.txt", "no Lua")
    for _, path in ipairs { "empty", "other" } do
      local checked, tested = check(path), place:run { "test", path }
      assert.same({ 1, 1 }, { checked.code, tested.code })
      assert.equal(("sandscript: check: %s: no .lua, .yaml, .yml or .json file in it\n"):format(path), checked.err)
    end
    for _, command in ipairs { "check", "test" } do
      local r = place:run { command, "policy", "nowhere" }
      assert.equal(2, r.code)
      assert.matches("nowhere: no such file or folder\n$", r.err)
    end
  end)

  it("says once what is wrong with a shared module", function()
    place:write("policy/lib/shared.lua", "local M = {}\nfunction M.f()\n  return nothing_there\nend\nreturn M\n")
    adapter("two", '  labels = { a = require("shared") and "b" },\n')
    adapter("three", '  labels = { a = require("shared") and "b" },\n')
    local text, lines = findings("policy")
    finds(text, "lib/shared.lua:3: unknown global 'nothing_there'")
    assert.equal(1, #lines, text)
  end)

  it("checks overlays: their contract, and what they make of the adapters", function()
    place:write("policy/local.d/a.lua", 'return overlay {\n  adapter = "good",\n  labls = { a = "b" } }\n')
    place:write("policy/local.d/b.lua", 'return overlay {\n  adapter = "godo",\n  tenant = "acme" }\n')
    place:write("policy/local.d/c.lua",
      'return overlay {\n  adapter = "*",\n  tenant = "evil",\n  resources = { limits = { cpu = "1" } } }\n')
    local text, lines = findings("policy")
    finds(text, "local.d/a.lua:3: labls: unknown field 'labls': did you mean 'labels'?")
    finds(text, "local.d/b.lua:2: adapter: there is no adapter 'godo': did you mean 'good'?")
    finds(text, "adapters/good.lua:0: spec.podTemplate.spec.containers[0].resources.limits")
    finds(text, "a build from it for tenant 'evil' fails: ")
    assert.equal(3, #lines, text)
    text = findings("policy/local.d/c.lua")
    finds(text, "for tenant 'evil'")
  end)

  it("finds API versions that are deprecated", function()
    adapter("two", '  apiVersion = "agents.x-k8s.io/v1alpha1",\n')
    assert.equal("adapters/two.lua:4: apiVersion: agents.x-k8s.io/v1alpha1 is deprecated: "
      .. "write agents.x-k8s.io/v1beta1", (findings("policy")))
    local manifest = cli.sandbox(place, "s1"):gsub("v1beta1", "v1alpha1")
    place:write("m.yaml", "---\n" .. manifest)
    finds((findings("m.yaml")), "m.yaml:2: apiVersion: agents.x-k8s.io/v1alpha1 is deprecated: write ")
    place:write("s.lua", "#!/usr/bin/env sandscript\nlocal function f(object)\n"
      .. "  object.apiVersion = 'agents.x-k8s.io/v1alpha1'\nend\nf {\n  kind = 'CronJob',\n"
      .. "  apiVersion = 'batch/v1beta1',\n}\n")
    assert.equal("s.lua:3: apiVersion: agents.x-k8s.io/v1alpha1 is deprecated: write agents.x-k8s.io/v1beta1\n"
      .. "s.lua:7: apiVersion: batch/v1beta1 is deprecated: write batch/v1", (findings("s.lua")))
    local list = { apiVersion = "v1", kind = "List", items = { yaml.decode(cli.sandbox(place, "s1")), {
      apiVersion = "policy/v1beta1", kind = "PodDisruptionBudget", metadata = { name = "x" },
    } } }
    place:write("l.json", json.encode(list))
    finds((findings("l.json")), "l.json:1: items[1].apiVersion: policy/v1beta1 is deprecated: write policy/v1")
  end)
end)

describe("check of what Lua 5.4.4 compiles wrongly", function()
  local CONSTANTS = {}
  for i = 1, 300 do
    CONSTANTS[i] = ("'k%d'"):format(i)
  end
  local MANY = "local x = ...\nlocal t = { " .. table.concat(CONSTANTS, ", ") .. " }\n"
  local wrong = _VERSION == "Lua 5.4" and load("local t = {[true] = 1} return (function() return t[1 < 2] end)()")
  if not pcall(wrong or error) then
    before_each(function()
      place = cli.place(temp_folder())
    end)

    it("names line and remedy in scripts", function()
      place:write("a.lua", "#!/usr/bin/env sandscript\n" .. MANY .. "\nprint(1 | (x or 2))\n")
      finds((findings("a.lua")), "a.lua:5: the code that Lua 5.4.4 makes of this computes a wrong value")
      place:write("b.lua", "local t = {}\nfunction f(a)\n  return t[a == 1]\nend\n")
      finds((findings("b.lua")), "b.lua:3: the code that Lua 5.4.4 makes of this indexes the wrong thing: ")
      finds((findings("b.lua")), "store the comparison in a local first")
      place:write("c.lua", "local fs, c = {}, {}\nfor i in next, fs, nil, c do\n  local k = i\n"
        .. "  fs[1] = function() return k end\n  if k then break end\nend\n")
      finds((findings("c.lua")), "c.lua:2: the code that Lua 5.4.4 makes of this does not close the fourth value")
      place:write("d.lua", "local t = {}\nfunction f(a)\n  local is_one = a == 1\n  return t[is_one]\nend\n")
      assert.equal("", (findings("d.lua")))
    end)

    it("looks into adapters, overlays and modules as well", function()
      local trap = "local t = {}\nlocal function f(a)\n  return t[a == 1]\nend\n"
      place:write("policy/lib/m.lua", trap .. "return f\n")
      place:write("policy/adapters/a.lua", trap .. 'return adapter { name = "a", image = "x:1" }\n')
      place:write("policy/local.d/o.lua", trap .. 'return overlay { adapter = "a" }\n')
      local text, lines = findings("policy")
      assert.equal(3, #lines, text)
      for _, name in ipairs { "lib/m.lua:3: ", "adapters/a.lua:3: ", "local.d/o.lua:3: " } do
        finds(text, name .. "the code that Lua 5.4.4")
      end
    end)
  end
end)
