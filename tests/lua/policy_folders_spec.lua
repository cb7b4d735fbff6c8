-- luacheck: read globals temp_folder
-- `sandscript policy diff OLD [NEW]`: what separates two policy folders, without a cluster.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local ADAPTER = [[
return adapter {
  name = "%s",
  image = "registry.example/%s:1",
  env = { "KEY" },
  labels = { team = "agents" },
}
]]

describe("the difference of two policy folders", function()
  local place

  local function put(folder, name, change)
    local text = ADAPTER:gsub("%%s", name)
    place:write(("%s/adapters/%s.lua"):format(folder, name), change and change(text) or text)
  end

  local function diff(...)
    return place:run { "policy", "diff", ... }
  end

  -- The changes as "adapter tenant path: from -> to (effect)".
  local function changes(...)
    local r = diff("old", "new", "-o", "json", ...)
    local lines = {}
    for _, adapter in ipairs(json.decode(r.out).adapters) do
      if adapter.status ~= "same" and adapter.status ~= "changed" then
        lines[#lines + 1] = adapter.name .. " " .. adapter.status
      end
      for _, c in ipairs(adapter.changes) do
        lines[#lines + 1] = ("%s %s %s: %s -> %s (%s)"):format(adapter.name, c.tenant or c.case or "-", c.path,
          c.from or "-", type(c.to) == "table" and "table" or c.to or "-", c.effect or "-")
      end
    end
    return lines, r.code
  end

  before_each(function()
    place = cli.place(temp_folder())
    for _, folder in ipairs { "old", "new" } do
      put(folder, "one")
      put(folder, "two")
    end
  end)

  it("is nothing for equal folders", function()
    assert.equal("0 of 2 adapters change, 0 new, 0 gone\n", cli.ok(diff("old", "new")).out)
    assert.equal("0 of 2 adapters change, 0 new, 0 gone\n", cli.ok(diff("old", "--policy", "new")).out)
  end)

  it("names each field, what it was and is, and whether it takes a new pod", function()
    put("new", "one", function(text)
      return (text:gsub(":1", ":2"):gsub('"KEY"', '"KEY", "MORE"'):gsub("agents", "ops"))
    end)
    local lines, code = changes()
    assert.equal(1, code)
    assert.same({
      'one - env[1]: - -> MORE (-)',
      'one - metadata.labels.team: agents -> ops (live)',
      'one - spec.podTemplate.metadata.labels.team: agents -> ops (live)',
      'one - spec.podTemplate.spec.containers[0].image: registry.example/one:1 -> registry.example/one:2 (new pod)',
    }, lines)
    local r = diff("old", "new")
    assert.equal(1, r.code)
    assert.matches("ADAPTER +REQUEST +FIELD +FROM +TO +EFFECT\n", r.out)
    assert.matches("one +%- +metadata.labels.team +agents +ops +live\n", r.out)
    assert.matches("\n1 of 2 adapters change, 0 new, 0 gone\n$", r.out)
    assert.matches("one +%- +metadata.labels.team +ops +agents +live\n", diff("new", "old").out)
    assert.equal("one", yaml.decode(diff("old", "new", "-o", "yaml").out).adapters[1].name)
  end)

  it("sees what hooks do, and adapters that come, go or say the same in other words", function()
    put("new", "one", function(text)
      return (text:gsub("\n}", "\n  build = function(input) input.runtimeClassName = 'gvisor' return input end,\n}"))
    end)
    put("new", "two", function(text)
      return "-- Two.\n" .. text
    end)
    put("new", "three")
    put("old", "four")
    assert.same({
      "four gone",
      'one - spec.podTemplate.spec.runtimeClassName: - -> gvisor (new pod)',
      "three new",
      "two rewritten",
    }, (changes()))
    assert.matches("three .* the adapter is new\n", diff("old", "new").out)
    put("old", "three")
    assert(os.remove(place.dir .. "/old/adapters/four.lua"))
    put("new", "one")
    assert.matches("two .* another text, which makes the same of these requests\n0 of 3 adapters change",
      cli.ok(diff("old", "new")).out)
  end)

  it("tells tenants apart, also those of one folder alone", function()
    local overlay = "return overlay { adapter = '%s', tenant = '%s', nodeSelector = { pool = '%s' } }\n"
    place:write("old/local.d/acme.lua", overlay:format("one", "acme", "small"))
    place:write("new/local.d/acme.lua", overlay:format("one", "acme", "large"))
    place:write("new/local.d/globex.lua", overlay:format("*", "globex", "own"))
    put("new", "one", function(text)
      return (text:gsub("agents", "ops"))
    end)
    assert.same({
      "one - metadata.labels.team: agents -> ops (live)",
      "one - spec.podTemplate.metadata.labels.team: agents -> ops (live)",
      "one acme spec.podTemplate.spec.nodeSelector.pool: small -> large (new pod)",
      "one globex spec.podTemplate.spec.nodeSelector: - -> table (new pod)",
      "two globex spec.podTemplate.spec.nodeSelector: - -> table (new pod)",
    }, (changes()))
    place:write("new/local.d/globex.lua",
      "return overlay { adapter = 'two', tenant = 'globex', egress = { hosts = { 'a.example' } } }\n")
    assert.equal("two globex egress: - -> table (-)", (changes())[4])
    place:write("new/local.d/globex.lua", overlay:format("*", "globex", "own"))
    assert.matches('one +tenant globex +%S+nodeSelector +%- +{"pool":"own"} +new pod\n', diff("old", "new").out)
  end)

  it("tries the cases of both folders, which show what a hook makes of them", function()
    local hook = "\n  build = function(input)\n"
      .. "    if input.labels.size == 'large' then input.runtimeClassName = '%s' end\n    return input\n  end,\n}"
    for folder, class in pairs { old = "runc", new = "gvisor" } do
      put(folder, "one", function(text)
        return (text:gsub("\n}", (hook:format(class):gsub("%%", "%%%%"))))
      end)
    end
    assert.same({ "one rewritten" }, (changes()))
    local case = "return { namespace = 'x', sandboxName = 's', envSecretName = 'e', serviceAccountName = 'a',\n"
      .. "  labels = { size = 'large' } }\n"
    local line = "one %s spec.podTemplate.spec.runtimeClassName: runc -> gvisor (new pod)"
    place:write("new/testdata/one/big.in.lua", case)
    assert.same({ line:format("big") }, (changes()))
    assert.matches("one +case big +%S+runtimeClassName +runc +gvisor +new pod\n", diff("old", "new").out)
    assert(os.remove(place.dir .. "/new/testdata/one/big.in.lua"))
    place:write("old/testdata/one/huge.in.lua", case)
    place:write("old/testdata/one/none.in.lua", "return nothing")
    assert.same({ line:format("huge") }, (changes()))
  end)

  it("says what can not be built any more", function()
    put("new", "one", function(text)
      return (text:gsub("\n}", "\n  build = function() error('no luck') end,\n}"))
    end)
    local lines = changes()
    assert.equal(1, #lines)
    assert.matches('^one %- the build: succeeds %-> .*no luck', lines[1])
  end)

  it("names what does not load, and compares the rest", function()
    put("new", "one", function(text)
      return (text:gsub("image", "imag"))
    end)
    put("new", "two", function(text)
      return (text:gsub("agents", "ops"))
    end)
    local r = diff("old", "new")
    assert.equal(2, r.code)
    assert.matches("new/adapters/one.lua:3: does not load: .*did you mean 'image'", r.err)
    assert.matches("two +%- +metadata.labels.team +agents +ops +live\n", r.out)
  end)

  it("has an overlay that does not load", function()
    place:write("new/local.d/one.lua", "return overlay { adapter = 'one', tenant = = }\n")
    local r = diff("old", "new")
    assert.equal(2, r.code)
    assert.matches("new/local.d/one.lua:1: does not load: unexpected symbol", r.err, 1, true)
    assert.matches("one +%- +the build +succeeds +overlay 'one' did not load", r.out)
  end)

  it("wants folders", function()
    cli.fails(diff(), 2, "name the folder to compare with")
    cli.fails(diff("nowhere", "new"), 2, "nowhere is no folder")
    cli.fails(diff("1", "2"), 2, "generations live in one process")
    cli.fails(diff("old", "new", "more"), 2, "unexpected argument 'more'")
    cli.fails(place:run { "policy", "dif" }, 2, "did you mean 'diff'?")
    cli.fails(place:run { "policy", "list", "x" }, 2, "unexpected argument 'x'")
    cli.fails(place:run { "policy", "histroy" }, 2, "did you mean 'history'?")
  end)
end)

describe("the history of a policy", function()
  it("is that of the process, and says so", function()
    local place = cli.place(temp_folder())
    place:write("policy/adapters/one.lua", (ADAPTER:gsub("%%s", "one")))
    local r = cli.ok(place:run { "policy", "history", "--policy", "policy" })
    assert.matches("^GENERATION +AT +REASON +SERVING +CHANGED\n1 +%d+%-%d+%-%S+ +start +yes +one added\n$", r.out)
    assert.matches("generations are counted in each process", r.err, 1, true)
    r = cli.ok(place:run { "policy", "history", "--policy", "policy", "-o", "json" })
    assert.equal(1, json.decode(r.out)[1].generation)
    cli.fails(place:run { "policy", "history", "1" }, 2, "unexpected argument '1'")
  end)
end)
