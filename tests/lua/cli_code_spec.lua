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
      ['k8s.patch({kind="Pod", name="x", force=true}, {})'] = "force",
    } do
      cli.fails(run("-e", code), 1, ("'%s' goes into the second table"):format(name))
    end
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
