-- luacheck: read globals temp_folder
-- `sandscript init`: a policy folder that passes everything from the start.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

describe("init", function()
  local place

  before_each(function()
    place = cli.place(temp_folder())
  end)

  local function files(folder)
    local r = cli.ok(place:shell(("cd %s && find . -type f | LC_ALL=C sort"):format(folder)))
    return r.out:gsub("%./", "")
  end

  it("makes a folder that check, test and luacheck pass", function()
    local r = cli.ok(place:run { "init", "policy" })
    for line in files("policy"):gmatch("[^\n]+") do
      assert.matches("created policy/" .. line .. "\n", r.out, 1, true)
    end
    assert.matches("sandscript check policy; sandscript test policy; policy/README.md", r.err, 1, true)
    assert.equal("", cli.ok(place:run { "check", "policy" }).out)
    assert.matches("^%d passed, 0 failed, 0 skipped", cli.ok(place:run { "test", "policy" }).out)
    r = place:shell("cd policy && luacheck --no-cache --no-color .")
    assert.equal(0, r.code, r.out .. r.err)
    assert.matches("Total: 0 warnings / 0 errors in %d+ files", r.out)
    local settings = assert(json.decode(place:read("policy/.luarc.json")))
    assert.equal(".sandscript", settings["workspace.library"][1])
    assert.equal(require("ss.stubs").text(), place:read("policy/.sandscript/sandscript.lua"))
  end)

  it("takes this folder when none is named, beside what is there", function()
    place:write("policy/notes.txt", "mine")
    local r = cli.ok(place:shell('cd policy && "$SS" init && "$SS" check . && "$SS" test .'))
    assert.matches("created adapters/my_agent.lua\n", r.out, 1, true)
    assert.equal("mine", place:read("policy/notes.txt"))
  end)

  it("replaces nothing, and says what is in its way", function()
    place:write("policy/README.md", "mine")
    place:write("policy/adapters/my_agent.lua", "mine")
    local before = files("policy")
    cli.fails(place:run { "init", "policy" }, 1, "init: nothing was written, because there are already "
      .. "policy/README.md, policy/adapters/my_agent.lua: move them away, or name another folder")
    assert.equal(before, files("policy"))
    assert.equal("mine", place:read("policy/adapters/my_agent.lua"))
    place:write("file", "")
    cli.fails(place:run { "init", "file" }, 1, "file is there and no directory")
  end)

  it("touches no cluster", function()
    local r = place:run { "init", "policy", env = { KUBECONFIG = "/nowhere" } }
    assert.equal(0, r.code, r.err)
    assert.is_nil(r.err:find("cluster", 1, true), r.err)
  end)

  it("writes the stubs anew", function()
    cli.ok(place:run { "init", "policy" })
    place:write("policy/.sandscript/sandscript.lua", "old")
    place:write("policy/adapters/my_agent.lua", "mine")
    assert.equal("updated policy/.sandscript/sandscript.lua\n", cli.ok(place:run { "init", "--stubs", "policy" }).out)
    assert.equal(require("ss.stubs").text(), place:read("policy/.sandscript/sandscript.lua"))
    assert.equal("mine", place:read("policy/adapters/my_agent.lua"))
    assert.equal("created other/.sandscript/sandscript.lua\n", cli.ok(place:run { "init", "--stubs", "other" }).out)
  end)
end)
