-- luacheck: read globals temp_folder
-- Names and texts from outside are shown, never obeyed: no ESC, no line of their own.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local ESC = "\27[31m\u{9b}2J"
local SHOWN = "\\x1b[31m\\u009b2J"

describe("cli hostile names", function()
  local place

  -- The output holds the name in its shown form, and nothing that a terminal obeys.
  local function shows(r, what)
    local all = r.out .. r.err
    assert.is_nil(all:find("[\27\r]"), all)
    assert.is_nil(all:find("\u{9b}", 1, true), all)
    assert.matches(what or SHOWN, all, 1, true)
    return all
  end

  before_each(function()
    place = cli.place(temp_folder())
  end)

  it("of policy files are escaped by list, check and test", function()
    place:write("p/adapters/a" .. ESC .. "\nfake: line.lua", "local x = 1\n")
    local name = "a" .. SHOWN .. "\\x0afake: line"
    for _, args in ipairs { { "policy", "list" }, { "check" }, { "check", "p/adapters" }, { "test" },
      { "test", "-o", "tap" }, { "policy", "diff", "p" } } do
      local all = shows(place:run { "--policy", "p", table.unpack(args) }, name)
      assert.is_nil(("\n" .. all):find("\nfake", 1, true), all)
    end
    assert.is_nil(place:run({ "--policy", "p", "test", "-o", "junit" }).out:find("\27", 1, true))
  end)

  it("of policy files are said once, and so are long ones", function()
    for _, name in ipairs { "a" .. ESC .. "\nfake: line", ("a-long-name-"):rep(8) } do
      local shown = name:gsub("\27%[31m\u{9b}2J\n", "\\x1b[31m\\u009b2J\\x0a")
      for text, want in pairs {
        ["local x = 1\n"] = ": the file must end with: return adapter",
        ["\nerror('boom')\n"] = ":2: boom\n",
      } do
        place:write("p/adapters/" .. name .. ".lua", text)
        local out = place:run({ "--policy", "p", "check", "p" }).out
        assert.equal("p/adapters/" .. shown .. ".lua" .. want, out:sub(1, #shown + #want + 15))
      end
      os.remove(place.dir .. "/p/adapters/" .. name .. ".lua")
    end
  end)

  it("of good adapters are columns of the list", function()
    place:write(ESC .. "/adapters/good.lua", "return adapter { name = 'good', image = 'x:1' }\n")
    shows(place:run { "--policy", ESC, "policy", "list" })
    place:write(ESC .. "/req.json", [[{"namespace":"d","sandboxName":"s","envSecretName":"e","serviceAccountName":"a",
      "labels":{"x":"y"}}]])
    shows(place:run { "--policy", ESC, "build", "good", "--explain", "-f", ESC .. "/req.json" })
  end)

  it("of files and folders are escaped in messages", function()
    place:write("p/adapters/good.lua", "return adapter { name = 'good', image = 'x:1' }\n")
    for _, args in ipairs { { "run", ESC .. ".lua" }, { "check", ESC }, { "test", ESC }, { "apply", "-f", ESC },
      { "build", ESC, "--policy", "p" }, { "--kubeconfig", ESC, "get", "pods" }, { "policy", "diff", ESC },
      { "help", ESC }, { ESC }, { "--" .. ESC }, { "get", ESC }, { "wait", "pod", ESC, "--timeout", "0.1" },
      { "delete", "configmap", ESC } } do
      shows(place:run(args))
    end
    shows(place:run { "init", ESC })
  end)

  it("of contexts are escaped where a write says where it went", function()
    place:write("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: \"\\e[31m\\u009b2J\"}\n")
    shows(place:run { "--cluster", "embedded:" .. ESC .. ".db", "apply", "-f", "cm.yaml" })
    shows(place:run { "--cluster", "embedded:" .. ESC .. ".db", "delete", "cm", "a" })
    shows(place:run { "--cluster", "embedded:c.db", "diff", "-f", "cm.yaml" }, "31m")
  end)

  it("of objects are escaped by each command that shows them", function()
    local hostile = "a" .. ESC
    shows(place:run { "--cluster", "embedded:" .. ESC .. ".db", "wait", "configmap", "b", "--for", "delete" })
    -- A name that no server takes is in what is being done and in why it was not.
    place:write("bad.json", json.encode { apiVersion = "v1", kind = "ConfigMap", metadata = { name = hostile } })
    shows(place:run { "--cluster", "embedded:c.db", "apply", "-f", "bad.json" })
    place:write(".config/sandscript/config.lua", 'return { protected = { "embedded" } }')
    shows(place:run { "--cluster", "embedded:c.db", "apply", "-f", "bad.json" })
  end)

  it("of goldens are escaped where one is written", function()
    place:write("p/adapters/good.lua", "return adapter { name = 'good', image = 'x:1' }\n")
    place:write("p/testdata/good/" .. ESC .. ".in.lua",
      "return { namespace = 'd', sandboxName = 's', envSecretName = 'e', serviceAccountName = 'a' }\n")
    shows(place:run { "--policy", "p", "test", "--update" })
    shows(place:run { "--policy", "p", "test", "--update" }, "1 passed")
  end)

  it("of fields and modules are escaped in findings", function()
    place:write("p/adapters/a.lua", ("return adapter { name = 'a', image = 'x:1', [%q] = 1 }\n"):format(ESC))
    shows(place:run { "--policy", "p", "check", "p" })
    place:write("s.lua", ("require(%q)\nlocal x = %s\n"):format(ESC, ESC))
    shows(place:run { "check", "s.lua" }, "s.lua:2")
  end)

  it("of cases do not end the comment of a golden", function()
    place:write("p/adapters/good.lua", "return adapter { name = 'good', image = 'x:1' }\n")
    local case = "p/testdata/good/c\nimage: evil"
    place:write(case .. ".in.lua",
      "return { namespace = 'd', sandboxName = 's', envSecretName = 'e', serviceAccountName = 'a' }\n")
    cli.ok(place:run { "--policy", "p", "test", "--update" })
    assert.matches("^# What the policy makes of c\\x0aimage: evil.in.lua", place:read(case .. ".golden.yaml"))
    cli.ok(place:run { "--policy", "p", "test" })
  end)
end)
