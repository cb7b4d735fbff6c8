-- luacheck: read globals temp_folder
-- -e CODE is one input of the prompt: values are shown, a failure is an error with its exit code.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

describe("-e and -p", function()
  local place

  before_each(function()
    place = cli.place(temp_folder())
  end)

  local function run(...)
    return place:run { "--cluster", "embedded:c.db", ... }
  end

  it("show the values of an expression", function()
    assert.equal("2\n", cli.ok(run("-e", "1 + 1")).out)
    assert.equal("1\tx\n", cli.ok(run("-e", "1, 'x'")).out)
    assert.equal("a:\n- 1\n", cli.ok(run("-p", "{a={1}}")).out)
    assert.equal("3\n", cli.ok(run("-e", "local a = 3 print(a)")).out)
    assert.equal("", cli.ok(run("-e", "a = 3")).out)
  end)

  it("end with the exit code of what failed, told on stderr", function()
    for _, form in ipairs { "-e", "-p" } do
      local r = run(form, 'k8s.get{kind="Pod", name="x"}')
      cli.fails(r, 1, 'get Pod default/x: pods "x" not found')
      assert.equal("", r.out)
      cli.fails(run("--kubeconfig", "nowhere", form, 'k8s.get{kind="Pod", name="x"}'), 2, "")
      cli.fails(run(form, 'k8s.wait({kind="Pod", name="x"}, {timeout=0.1})'), 5, "timed out")
    end
  end)

  it("tell of every failure that nobody looked at, wherever it stands", function()
    local GET = 'k8s.get{kind="Pod", name="x"}'
    for _, code in ipairs {
      "GET print(1)", "t = {a=GET}", "local function f() GET end f()", "local m = GET print(1)", "a, b = GET, 1",
      "t = {} t.x = GET", "m, n = (GET), 1", "task.join(task.spawn(function() GET end))", "if not GET then end",
      "local m, err = GET", "pcall(function() GET end)", "do local _ <const> = GET end", "return 1, (GET)",
      "coroutine.wrap(function() GET end)()", "print(type(GET))", "k8s.delete{kind='Nope', name='x'}",
    } do
      local r = run("-e", (code:gsub("GET", function() return GET end)))
      cli.fails(r, 1, code:find("Nope") and "Nope" or 'get Pod default/x: pods "x" not found')
      assert.equal(1, select(2, r.err:gsub("sandscript: [gd]e[tl]", "")), code)
    end
    local r = run("-e", "for i = 1, 200 do " .. GET .. " end")
    assert.equal(3, select(2, r.err:gsub("sandscript: get", "")))
    assert.matches("sandscript: %d+ more calls failed\n", r.err)
    r = run("-e", "k8s.wait({kind='Pod', name='x'}, {timeout=0.1}) " .. GET)
    assert.equal(5, r.code)
    assert.matches("^sandscript: wait Pod default/x: timed out.-\nsandscript: get Pod default/x: ", r.err)
  end)

  it("are content where the error was looked at", function()
    for _, code in ipairs {
      "if err.code ~= 'not_found' then error(err) end", "print(err)", "print(json.encode(err))", "t = tostring(err)",
      "print(json.encode{err})", "for _ in pairs(err) do end", "print(next(err))", "print(rawget(err, 'code'))",
      "print(#err)", "print(yaml.encode(err))", "print(require('cjson').encode(err))", "log.info(err.message)",
      "saved = err", "return err", "local ok, e = pcall(error, err) print(e)",
    } do
      local r = cli.ok(run("-e", 'local m, err = k8s.get{kind="Pod", name="x"} ' .. code))
      assert.is_nil(r.err:find("sandscript: get", 1, true), code)
    end
    local fields = 'print(err.code, err.status, err.op, err.retryable, rawget(err, "reason"), err.nothing)'
    assert.equal("not_found\t404\tget\tfalse\tNotFound\tnil\n",
      cli.ok(run("-e", 'local _, err = k8s.get{kind="Pod", name="x"} ' .. fields)).out)
  end)

  it("end so, too, where an assignment does not take the error", function()
    cli.fails(run("-e", 'm = k8s.get{kind="Pod", name="x"}'), 1, 'get Pod default/x: pods "x" not found')
    cli.ok(run("-e", 'm, err = k8s.get{kind="Pod", name="x"}'))
    assert.equal("", cli.ok(run("-e", "a = 1")).out)
    assert.equal("", cli.ok(run("-e", "a = nil")).out)
    cli.fails(run("-e", "end = 1"), 1, "(command line):1:")
  end)

  it("refuse options of ours that stand behind the code", function()
    cli.fails(run("-e", "while true do end", "--timeout", "1"), 2, "option '--timeout' stands behind -e")
    cli.fails(run("-p", "1", "-n", "x"), 2, "option '-n' stands behind -p")
    cli.fails(run("-e", "1", "--cluster=x"), 2, "option '--cluster=x' stands behind -e")
    assert.equal("--timeout\t1\n", cli.ok(run("-e", "print(...)", "--", "--timeout", "1")).out)
    assert.equal("--mine\tx\n", cli.ok(run("-e", "print(...)", "--mine", "x")).out)
  end)

  it("say which table an option belongs to", function()
    for code, name in pairs {
      ['k8s.wait{kind="Pod", name="x", timeout=5}'] = "timeout",
      ['k8s.delete{kind="Pod", name="x", propagation="Orphan"}'] = "propagation",
      ['k8s.get{kind="Pod", name="x", exactVersion=true}'] = "exactVersion",
      ['k8s.apply{apiVersion="v1", kind="ConfigMap", metadata={name="a"}, dryRun=true}'] = "dryRun",
      ['k8s.create{apiVersion="v1", kind="ConfigMap", metadata={name="a"}, fieldManager="m"}'] = "fieldManager",
      ['k8s.delete{kind="Pod", name="x", uid="1"}'] = "uid",
      ['k8s.diff{apiVersion="v1", kind="ConfigMap", metadata={name="a"}, namespace="n"}'] = "namespace",
      ['k8s.apply{{apiVersion="v1", kind="ConfigMap", metadata={name="a"}}, dryRun=true}'] = "dryRun",
    } do
      local func = code:match("^[%w.]+")
      cli.fails(run("-e", code), 1, ("%s: '%s' goes into the second table: %s({…}, {%s=…})"):format(func, name,
        func, name))
    end
    cli.fails(run("-e", 'k8s.patch({kind="Pod", name="x", force=true}, {})'), 1,
      "'force' goes into the third table: k8s.patch({…}, {…}, {force=…})")
    cli.fails(run("-e", 'k8s.get({kind="Pod", name="x"}, {namespace="n"})'), 1,
      "k8s.get: 'namespace' goes into the first table: k8s.get({namespace=…})")
  end)

  -- The options of each verb as help has them: what none of them is called is not sent to a table that
  -- would refuse it.
  it("send no option to a table that does not take it", function()
    local calls = { get = "{%s}", events = "{%s}", wait = "{%s}", delete = "{%s}", patch = "{%s}, {}" }
    local taken, known = {}, {}
    for _, entry in ipairs(require("ss.api.k8s")) do
      local verb = entry.name:match("^k8s%.(%l+)$")
      taken[verb] = {}
      for name in entry.args:gsub('"[^"]*"', ""):gmatch("(%w+)=") do
        taken[verb][name] = true
        known[name] = true
      end
    end
    local n = 0
    for verb, form in pairs(calls) do
      for name in pairs(known) do
        if not ("kind name namespace apiVersion labelSelector op path value"):find(name, 1, true) then
          local call = load(("k8s.%s(%s)"):format(verb, form:format(('kind="Pod", name="x", %s="1"'):format(name))))
          local ok, message = pcall(call)
          assert.is_false(ok)
          assert.equal(taken[verb][name] or false, message:find(" table: k8s.", 1, true) ~= nil, message)
          n = n + 1
        end
      end
    end
    assert.is_true(n > 40, n)
  end)

  it("leave the fields of a custom resource alone", function()
    for _, field in ipairs { 'timeout="5m"', "force=true", "progress=1", "wait=false" } do
      local widget = 'apiVersion="example.com/v1", kind="Widget", metadata={name="w"}'
      local r = run("-e", ("k8s.apply{%s, %s}"):format(widget, field))
      assert.equal(1, r.code, r.err)
      assert.not_matches("second table", r.err)
      assert.matches("example.com/v1", r.err, 1, true)
    end
  end)
end)
