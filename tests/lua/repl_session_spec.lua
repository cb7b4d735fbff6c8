-- luacheck: read globals temp_folder
-- The prompt without its terminal: what runs, what prints, commands, jobs.
describe("the prompt", function()
  local repl = assert(loadfile("tests/lua/support/repl.lua"))()
  local p

  setup(function()
    repl.cluster(temp_folder())
  end)

  before_each(function()
    p = repl.new()
  end)

  after_each(function()
    p:close()
    for _, name in ipairs { "x", "y", "f", "_", "_1", "_2", "_err", "evil", "t" } do
      rawset(_G, name, nil)
    end
  end)

  it("prints values, and keeps the last ones", function()
    assert.equal("2\n", p:run "1 + 1")
    assert.equal("2\n", (p:run "_"))
    assert.equal("", (p:run "x = 5"))
    assert.equal("5\n", (p:run "x"))
    assert.equal("a: 1\nb:\n- x\n- z\n", (p:run '{a = 1, b = {"x", "z"}}'))
    assert.equal("nil\n", (p:run "nil"))
    assert.equal("one\n", (p:run 'print("one")'))
  end)

  it("tells of a failure that an assignment does not take", function()
    local out = p:run 'x = k8s.get{kind="ConfigMap", name="nope"}'
    assert.matches('configmaps "nope" not found (context embedded, HTTP 404) (not_found)', out, 1, true)
    assert.equal("not_found\n", (p:run "_err.code"))
    assert.equal("nil\n", (p:run "x"))
    assert.matches("not found", (p:run 'local x = k8s.get{kind="ConfigMap", name="nope"}'))
    assert.equal("", (p:run 'x, y = k8s.get{kind="ConfigMap", name="nope"}'))
    assert.equal("not_found\n", (p:run "y.code"))
  end)

  it("tells of every failure that nobody looked at", function()
    local GET = 'k8s.get{kind="ConfigMap", name="nope"}'
    for _, text in ipairs { GET .. " print(1)", "t = {a=" .. GET .. "}", "for i = 1, 1 do " .. GET .. " end",
      "local function f() " .. GET .. " end f()", "a, b = " .. GET .. ", 1" } do
      rawset(_G, "_err", nil)
      local _, told = (p:run(text)):gsub('configmaps "nope" not found', "")
      assert.equal(1, told, text)
      assert.equal("not_found\n", (p:run "_err.code"))
    end
    assert.matches("1 more calls failed\n", (p:run("for i = 1, 4 do " .. GET .. " end")), 1, true)
    local out = p:run("local _, err = " .. GET .. " print(err.code)")
    assert.equal("not_found\n", out)
    local _, told = (p:run("return 1, select(2, " .. GET .. ")")):gsub("not found", "")
    assert.equal(1, told)
    p:run "local u, v = 1, 2"
    assert.equal("3\n", (p:run "u + v"))
  end)

  it("shows every cause of a failure, and how many more than twenty there are", function()
    local out = p:run 'k8s.create{apiVersion="v1", kind="ConfigMap", metadata={name="A_b", labels={["a b"]="c d"}}}'
    local _, fields = out:gsub("\n%s*metadata%.%l+: Invalid value", "")
    assert.equal(3, fields, out)
    out = p:run [[k8s.create{apiVersion="v1", kind="ConfigMap", metadata={name="a", labels=(function()
      local l = {} for i = 1, 25 do l["bad " .. i] = "x" end return l end)()}}]]
    _, fields = out:gsub("\n%s*metadata%.labels: Invalid value", "")
    assert.equal(20, fields, out)
    assert.matches("… 5 more", out, 1, true)
  end)

  it("keeps locals for later inputs", function()
    assert.equal("", (p:run "local x = 5"))
    assert.equal("5\n", (p:run "x"))
    assert.equal("", (p:run "local function f() return x + 1 end"))
    assert.equal("6\n", (p:run "f()"))
    assert.equal("", (p:run "x = 1, 2 -- the first"))
    assert.equal("1\n", (p:run "x"))
    assert.equal("false\n", (p:run "x == 2"))
  end)

  it("suggests what was meant, and knows the words for help and out", function()
    assert.matches("(field 'aply'): did you mean k8s.apply?", (p:run "k8s.aply{}"), 1, true)
    assert.matches("(global 'polcy'): did you mean policy?", (p:run "polcy.list()"), 1, true)
    assert.matches(":quit", (p:run "help"), 1, true)
    assert.matches(":quit takes an exit code, not 'abc'", (p:run ":quit abc"), 1, true)
    for _, word in ipairs { "exit", "quit", " exit " } do
      assert.is_true(p.session:run(word))
    end
  end)

  it("shows its place", function()
    assert.equal("embedded/default> ", p.session:prompt())
    assert.equal("            ...2> ", p.session:prompt(2))
  end)

  it("knows when a block is complete", function()
    assert.same({ false, 1 }, { p.session:check "for i = 1, 2 do" })
    assert.same({ false, 2 }, { p.session:check "f{ a = function()" })
    assert.same({ false, 1 }, { p.session:check "x = [[ y" })
    assert.is_true(p.session:check "x = = 1")
    assert.is_true(p.session:check ":policy live (")
    assert.is_true(p.session:check "  ")
  end)

  it("reports errors, and goes on", function()
    assert.matches("^error: .*attempt to index a nil value %(global 'nothing'%)", (p:run "nothing.x"))
    assert.matches("unexpected symbol", (p:run "x = = 1"))
    assert.matches('Pod default/nothing: .*not found .* %(not_found%)', (p:run 'k8s.get{kind="Pod", name="nothing"}'))
    assert.equal("not_found\n", (p:run "_err.code"))
    assert.matches("error object is a table", (p:run "error{}"))
    assert.equal("2\n", (p:run "1 + 1"))
  end)

  it("runs nothing of what it prints", function()
    rawset(_G, "evil", setmetatable({ own = 1 }, {
      __index = error, __pairs = error, __len = error, __tostring = error, __eq = error, __name = {}, __call = error,
    }))
    assert.equal("own: 1\n", (p:run "evil"))
    for _, format in ipairs { "yaml", "json", "lua", "table" } do
      p:run(":out " .. format)
      assert.matches("own", (p:run "evil"))
    end
  end)

  it("prints lists of objects as tables", function()
    assert(k8s.apply { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "a" }, data = { k = "v" } })
    assert.matches("^NAME +DATA +AGE\na +1 +%d+s\n$", (p:run 'k8s.list{kind="ConfigMap"}'))
    assert.matches("^NAME .*\nclaude_local ", (p:run "policy.list()"))
  end)

  it("hides secrets", function()
    p:run 'k8s.apply{apiVersion="v1", kind="Secret", metadata={name="s"}, stringData={token="verysecret"}}'
    for _, format in ipairs { "auto", "lua", "table" } do
      p:run(":out " .. format)
      local text = p:run 'k8s.get{kind="Secret", name="s"}'
      assert.not_matches("verysecret", text, 1, true)
      assert.not_matches("dmVyeXNlY3JldA", text, 1, true)
    end
  end)

  it("cuts what is long, and prints all of it on demand", function()
    local text = p:run "t = {} for i = 1, 100 do t[i] = i end return t"
    assert.matches("50 items more.*:all prints", text)
    assert.matches("- 100\n", (p:run ":all"))
  end)

  it("has commands", function()
    assert.matches(":context %[NAME%].*:quit", (p:run ":help"))
    assert.matches("there is no command :contxt: did you mean :context%?", (p:run ":contxt"))
    assert.matches("generation %d+, %d+ adapters", (p:run ":policy"))
    assert.matches("did you mean 'list'", (p:run ":policy lits"))
    assert.matches("each input says", (p:run ":time on"))
    assert.matches("%(%d+%.%d ms%)", (p:run "1"))
    p:run ":time off"
    assert.equal("default\n", (p:run ":namespace"))
    assert.matches("embedded", (p:run ":context"))
    assert.matches("namespace nowhere is not there", (p:run ":namespace nowhere"))
    assert.equal("embedded/nowhere> ", p.session:prompt())
    p:run ":ns default"
    assert.matches("lower case letters", (p:run ":namespace UP"))
    p:run ":namespace default"
    local _, over, code = p:run ":quit 3"
    assert.same({ true, 3 }, { over, code })
  end)

  it("has jobs", function()
    assert.matches("no jobs", (p:run ":jobs"))
    assert.matches("job 1 watches ConfigMap", (p:run ":watch ConfigMap"))
    assert.matches("1 +running .*watch ConfigMap", (p:run ":jobs"))
    local seen = ""
    for _ = 1, 500 do
      seen = seen .. p:taken()
      if seen:find("ADDED") then
        break
      end
      task.sleep(0.01)
    end
    assert.matches("%d+:%d+:%d+ ADDED +ConfigMap", seen)
    assert.is_false(p.session:leave())
    assert.is_true(p.session:leave())
    assert.matches("job 1 stops", (p:run ":jobs stop 1"))
    for _ = 1, 500 do
      if p.session.jobs.n_running == 0 then
        break
      end
      task.sleep(0.01)
    end
    assert.matches("1 +stopped", (p:run ":jobs"))
    assert.is_true(p.session:leave())
  end)

  it("starts jobs by task.spawn, whose value is the task", function()
    assert.equal("<task>\n", (p:run "task.spawn(function() end)"))
    assert.matches("task.spawn", (p:run ":jobs"), 1, true)
  end)

  it("says that a job failed", function()
    p:run 'task.spawn(function() error("broken") end)'
    local seen = ""
    for _ = 1, 500 do
      seen = seen .. p:taken()
      if seen ~= "" then
        break
      end
      task.sleep(0.01)
    end
    assert.matches("job 1 %(.*%) failed: .*broken", seen)
  end)

  it("loads a file into the session", function()
    local path = temp_folder() .. "/f.lua"
    fs.write(path, "x = 41\ny = x + 1\n")
    p:run(":load " .. path)
    assert.equal("42\n", (p:run "y"))
    fs.write(path, "x = = 41\n")
    assert.matches("f.lua:1: unexpected symbol", (p:run(":load " .. path)))
    assert.matches("not_found", (p:run ":load /nowhere/x.lua"))
  end)

  it("saves what succeeded, as a script that runs", function()
    local path = temp_folder() .. "/s.lua"
    assert.matches("nothing to save", (p:run(":save " .. path)))
    p:run "x = 20"
    p:run "x = = 3"
    p:run 'error("no")'
    p:run "x + 1"
    p:run "y = _ + x -- both"
    p:run "local z = 1; f = z"
    p:run "?k8s.apply"
    p:run ":time off"
    p:run "help()"
    assert.matches("run it with", (p:run(":save " .. path)))
    local text = assert(fs.read(path))
    assert.not_matches("= = 3", text, 1, true)
    assert.not_matches("error", text, 1, true)
    assert.not_matches("help()", text, 1, true)
    rawset(_G, "y", nil)
    rawset(_G, "x", nil)
    assert(load(text, "=saved"))()
    assert.equal(41, rawget(_G, "y"))
    assert.matches("is there already", (p:run(":save " .. temp_folder() .. "/../" .. path:match("[^/]+/[^/]+$"))))
  end)

  it("saves where each input ran", function()
    local save = require("ss.repl.save")
    local function at(namespace, text)
      return { text = text, ran = true, target = { context = "prod", namespace = namespace, server = "https://s" } }
    end
    local blocks = { at("one", "a = 1"), at("one", "b = 2"), { text = "c = ", ran = false }, at("two", "d = 3") }
    local text = save.script(blocks, #blocks)
    local lines = {}
    for line in text:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    assert.matches("on prod/one%.$", lines[1])
    assert.same({ "a = 1", "b = 2", 'k8s = assert(k8s.connect{context = "prod", namespace = "two"})', "d = 3" },
      { table.unpack(lines, 2) })
  end)

  it("edits the last input, and an adapter", function()
    p:close()
    p = repl.new { edit_file = function(path)
      fs.write(path, "y = 7\n")
      return 0
    end }
    p:run "x = 1"
    p:run ":edit"
    assert.equal("7\n", (p:run "y"))
  end)

  it("keeps no secret", function()
    for _, text in ipairs { 'token = "abc"', 'k8s.connect{ password = "x" }', "x = [[Authorization: Bearer abc]]",
      "db{pw='x'}", "auth=abc", "print'ghp_16C7e42F'", 'stringData = {color="blue"}' } do
      assert.is_false(p.session:storable(text), text)
    end
    for _, text in ipairs { 'k8s.get{kind="Secret", name="s"}', 'policy.build("a", {envSecretName="s"})', "x = 1" } do
      assert.is_true(p.session:storable(text), text)
    end
  end)

  it("ends at the first error without a terminal", function()
    p:close()
    p = repl.new { tty = false }
    local _, over, code = p:run 'k8s.get{kind="Pod", name="nothing"}'
    assert.same({ true, 1 }, { over, code })
  end)

  it("gives the globals back", function()
    local before = print
    p:close()
    assert.not_equal(before, print)
    p = repl.new()
  end)
end)
