-- luacheck: read globals temp_folder
-- ?, ??, help(), and the examples of the help, which run.
describe("help at the prompt", function()
  local repl = assert(loadfile("tests/lua/support/repl.lua"))()
  local api = require "ss.reference"
  local p

  setup(function()
    repl.cluster(temp_folder())
  end)

  before_each(function()
    p = repl.new()
  end)

  after_each(function()
    p:close()
    rawset(_G, "f", nil)
    rawset(_G, "t", nil)
  end)

  it("describes functions, modules, topics, commands and values", function()
    assert.matches("^k8s%.apply%(.*Server%-side apply.*Example:", (p:run "?k8s.apply"))
    assert.matches("^k8s%.apply%(", (p:run "help(k8s.apply)"))
    assert.matches("^k8s%.apply%(", (p:run "?k8s.apply{kind=3}"))
    assert.matches("k8s%.apply%(objects, options%?%) +store", (p:run "?k8s"))
    assert.matches("k8s%.apply%(objects, options%?%) +store", (p:run "help(k8s)"))
    assert.matches("red prompt", (p:run 'help "safety"'))
    assert.matches(":watch KIND", (p:run "?:watch"))
    assert.matches(":watch KIND", (p:run ":help :watch"))
    assert.matches("Modules: .*k8s", (p:run "help()"))
    assert.matches("Modules: .*k8s", (p:run "?"))
    rawset(_G, "t", { a = 1 })
    assert.equal("a table:\na: 1\n", (p:run "?t"))
  end)

  it("tells a variable from a topic of its name", function()
    rawset(_G, "config", { a = 1 })
    assert.equal("a table:\na: 1\n", (p:run "?config"))
    assert.matches("config.lua", (p:run 'help "config"'), 1, true)
    assert.matches("config.lua", (p:run ":help config"), 1, true)
    rawset(_G, "config", nil)
    assert.matches("config.lua", (p:run "?config"), 1, true)
  end)

  it("suggests", function()
    assert.matches("no help on 'k8s.aply': did you mean 'k8s.apply'%?", (p:run "?k8s.aply"))
    assert.matches("did you mean 'safety'", (p:run "?safty"))
    assert.matches("no help on 'zzzzzzzz'; help%(%)", (p:run "?zzzzzzzz"))
  end)

  it("shows the source of what was typed, loaded or is the engine's", function()
    p:run "f = function(a, b)\n  return a + b -- sum\nend"
    assert.equal("prompt#1:1\nf = function(a, b)\n  return a + b -- sum\nend\n", (p:run "??f"))
    assert.matches("^function%(a, b%), prompt#1:1", (p:run "?f"))
    assert.matches("^lua/ss/task.lua:%d+\nfunction M.map%(list, fn, options%)\n", (p:run "??task.map"))
    local path = temp_folder() .. "/g.lua"
    fs.write(path, "-- first\nf = function()\n  return 1\nend\n")
    p:run(":load " .. path)
    assert.equal(path .. ":2\nf = function()\n  return 1\nend\n", (p:run "??f"))
    assert.matches("^.*claude_local.lua\n.*return adapter", (p:run "??claude_local"))
    assert.matches("k8s.apply is written in C; %?k8s.apply has its help", (p:run "??k8s.apply"))
    assert.matches("no function and no adapter", (p:run "??nothing"))
  end)

  it("has an example of everything, and each one runs", function()
    for _, module in ipairs(api.modules()) do
      for _, entry in ipairs(assert(api.entries(module))) do
        local example = assert(entry.example, entry.name .. " has no example")
        local chunk, message = load("return " .. example, "=" .. entry.name)
        if not chunk then
          chunk, message = load(example, "=" .. entry.name)
        end
        assert(chunk, message)
        local results = table.pack(pcall(chunk))
        assert(results[1], ("%s: %s"):format(entry.name, tostring(results[2])))
        assert(results.n < 3 or results[2] ~= nil, ("%s: %s"):format(entry.name, tostring(results[3])))
      end
    end
  end)

  teardown(function()
    os.remove("/tmp/sandscript-note.txt")
  end)

  it("runs an example", function()
    assert.matches("k8s%.get.*\n.*kind: Namespace", (p:run ":example k8s.get"))
    assert.matches("no example of 'k8s.gett': did you mean 'k8s.get'", (p:run ":example k8s.gett"))
  end)
end)
