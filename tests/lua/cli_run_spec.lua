-- luacheck: read globals temp_folder
-- sandscript run, its short forms, and what it does with scripts that are wrong.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

describe("cli run", function()
  local place

  setup(function()
    place = cli.place(temp_folder())
  end)

  local function run(...)
    return place:run { ... }
  end

  it("passes the arguments", function()
    place:write("args.lua", "print(arg[0], arg[1], select('#', ...), ...)")
    assert.equal("args.lua\t-x\t2\t-x\ty z\n", run("run", "args.lua", "-x", "y z").out)
    assert.equal("./args.lua\t-o\t1\t-o\n", run("./args.lua", "-o").out)
    assert.equal("args.lua\tnil\t0\n", run("args.lua").out)
  end)

  it("takes code, an expression and standard input", function()
    assert.equal("7\n", run("-e", "print(3 + 4)").out)
    assert.equal("7\tx\tnil\n", run("-p", "3 + 4, 'x', nil").out)
    assert.equal("a: 1\nb:\n- x\n", run("-p", "{ b = { 'x' }, a = 1 }").out)
    assert.matches("^table: 0x", run("-p", "{ print }").out)
    assert.equal("a\tb\n", run("-e", "print(...)", "a", "b").out)
    assert.equal("hi\tz\n", place:run({ "-", "z", stdin = "print('hi', ...)" }).out)
    assert.equal("hi\tz\n", place:run({ "run", "-", "z", stdin = "print('hi', ...)" }).out)
  end)

  it("runs a file with a #! line, as a program", function()
    place:write("prog", ("#!%s run\nprint('I am', arg[1])\n"):format(cli.program))
    assert.equal("I am\tit\n", place:shell("chmod +x prog && ./prog it").out)
  end)

  it("reads standard input as lines", function()
    local r = place:run { "-e", "for line in fs.stdin do print('<' .. line .. '>') end", stdin = "a\nb" }
    assert.equal("<a>\n<b>\n", r.out)
  end)

  it("reads a number of up to 200 characters, as io.read does", function()
    for _, row in ipairs { { 200, "float" }, { 201, "nil" } } do
      local word = ("1"):rep(row[1])
      local r = place:run { "-e", "print(math.type(fs.stdin('n')) or 'nil')", stdin = word .. " x" }
      assert.equal(row[2] .. "\n", r.out, r.err)
    end
  end)

  it("runs an empty file", function()
    place:write("empty.lua", "")
    assert.equal("", cli.ok(run("empty.lua")).out)
  end)

  it("names what cannot be run", function()
    cli.fails(run("run", "nofile.lua"), 1, "nofile.lua: No such file or directory")
    cli.fails(run("run", "/tmp"), 1, "/tmp is a directory, not a file")
    place:write("compiled.lua", string.dump(function() end))
    cli.fails(run("compiled.lua"), 1, "compiled.lua is compiled Lua")
    place:write("binary.lua", "\1\2\3\0\255")
    cli.fails(run("binary.lua"), 1, "binary.lua:1:")
    assert.equal(2, run("run").code)
  end)

  it("gives file and line of a syntax error", function()
    place:write("syntax.lua", "local x = 1\nlocal y = = 2\n")
    cli.fails(run("syntax.lua"), 1, "sandscript: syntax.lua:2: unexpected symbol near '='")
    cli.fails(run("-e", "x = = 1"), 1, "(command line):1:")
    cli.fails(place:run { "-", stdin = "\n\nx(" }, 1, "stdin:3:")
  end)

  it("gives file and line of an error first, then the traceback", function()
    place:write("raise.lua", "#!x\nlocal t\nlocal function f()\n  return t.a\nend\nf()\n")
    local r = run("raise.lua")
    assert.equal(1, r.code)
    assert.matches("^sandscript: raise.lua:4: attempt to index a nil value", r.err)
    assert.matches("\nstack traceback:\n\traise.lua:4:[^\n]*\n\traise.lua:6: in main chunk\n$", r.err)
  end)

  it("reports what is no string", function()
    cli.fails(run("-e", "error({})"), 1, "(error object is a table value)")
    cli.fails(run("-e", "error()"), 1, "(error object is a nil value)")
    cli.fails(run("-e", "error(setmetatable({}, {__tostring = function() return 'my own' end}))"), 1, "my own")
  end)

  it("says at which line the engine was misused", function()
    cli.fails(run("-e", "\nk8s.get{kind='Pod', nmae='x'}"), 1,
      "(command line):2: k8s.get: unknown option 'nmae': did you mean 'name'?")
    cli.fails(run("-e", "sandbox.build{namespace='a', runtimeClasName='b'}"), 1, "did you mean 'runtimeClassName'?")
  end)

  it("exits by the code of an error that nobody caught", function()
    cli.fails(run("-e", "assert(k8s.get{kind='Pod', name='x', namespace='default'})"), 1, 'pods "x" not found')
    cli.fails(run("-e", "assert(k8s.wait({kind='Pod', name='x', namespace='default'}, {timeout=0.05}))"), 5,
      "timed out")
    local r = run("-e", "assert(k8s.apply{apiVersion='v1', kind='Pod', metadata={name='x'}, spec={containers={"
      .. "{name='a', image='b', securityContext={privileged=true}}}}})")
    assert.equal(3, r.code)
    assert.matches("guard: spec.containers[0].securityContext.privileged must not be true (privileged): write false",
      r.err, 1, true)
    assert.matches("\n  spec.containers[0].securityContext.capabilities.drop: must hold ALL [", r.err, 1, true)
  end)

  it("ends by os.exit, with the code and after cleaning up", function()
    local function exits(code, text, out)
      local r = run("-e", text)
      assert.equal(code, r.code, r.err)
      assert.equal(out or "", r.out)
      assert.equal("", r.err)
    end
    exits(7, "os.exit(7)")
    exits(0, "os.exit()")
    exits(0, "os.exit(true)")
    exits(1, "os.exit(false)")
    exits(3, "pcall(os.exit, 3) print('on')")
    exits(3, "local c <close> = setmetatable({}, {__close = function() print('closed') end}) os.exit(3)", "closed\n")
    exits(4, "task.spawn(function() os.exit(4) end) task.sleep(100)")
    exits(5, "task.spawn(error, 'lost') task.sleep(0.001) coroutine.wrap(os.exit)(5)")
    exits(6, "task.spawn(function() while true do pcall(task.sleep, 100) end end) task.sleep(0) os.exit(6)")
    cli.fails(run("-e", "os.exit(256)"), 1, "(command line):1: bad argument #1 to 'exit' (an exit code is 0 to 255)")
  end)

  it("fails when a task failed that nobody joined", function()
    cli.fails(run("-e", "task.spawn(function() error('lost') end)"), 1, "lost")
  end)

  it("ends when its time is over", function()
    cli.fails(run("--timeout", "0.05", "-e", "while true do end"), 5, "the time of the run is over")
    cli.fails(run("--timeout", "0.05", "-e", "while true do pcall(function() while true do end end) end"), 5,
      "the time of the run is over")
    cli.fails(run("--timeout", "0.05s", "-e", "assert(task.sleep(100))"), 5, "the time of the run is over")
  end)

  it("has modules beside the script and in the policy folder", function()
    place:write("lib/mod.lua", "return { answer = 42 }")
    place:write("lib/main.lua", "print(require('mod').answer)")
    assert.equal("42\n", run("lib/main.lua").out)
    place:write("main.lua", "print(require('mod').answer)")
    assert.equal("42\n", run("--policy", "lib", "main.lua").out)
    local r = run("main.lua")
    assert.equal(1, r.code)
    assert.matches("main.lua:1: module 'mod' not found", r.err, 1, true)
  end)

  it("gives scripts no way to other programs", function()
    assert.equal("nil\tnil\tnil\n", run("-p", "os.execute, io, package and package.loadlib").out)
  end)
end)

describe("cli run interrupted", function()
  local place

  setup(function()
    place = cli.place(temp_folder())
  end)

  local function interrupted(code, times)
    local r = place:interrupt({ "-e", code }, "out", "ready", times)
    assert.equal(130, r.code, r.err)
    assert.matches("interrupted", r.err)
  end

  it("ends a busy loop", function()
    interrupted("print 'ready' while true do end")
  end)

  it("ends a loop of pcall", function()
    interrupted("print 'ready' while true do pcall(function() while true do end end) end")
    interrupted("print 'ready' while true do pcall(task.sleep, 100) end")
  end)

  it("ends a wait, which says so", function()
    interrupted("print 'ready' task.sleep(100)")
    interrupted("print 'ready' assert(k8s.wait({kind='Pod', name='x', namespace='default'}))")
  end)

  it("runs __close handlers", function()
    local r = place:interrupt({ "-e", [[
      local x <close> = setmetatable({}, { __close = function() log.error("closed") end })
      print 'ready' task.sleep(100)]] }, "out", "ready")
    assert.equal(130, r.code)
    assert.matches("error closed", r.err)
  end)

  it("ends by the second at once, though the script goes on", function()
    local r = place:interrupt({ "-e", [[
      print 'ready'
      local _, err = task.sleep(100)
      print(err.code)
      while true do task.sleep(100) end]] }, "out", "ready", 2)
    assert.equal(130, r.code)
    assert.matches("canceled", r.err)
  end)

  it("ends by the third what never comes back", function()
    local r = place:shell([[
      mkfifo pipe3
      "$SS" -e 'print "ready" string.find(("a"):rep(40), ("a*"):rep(30) .. "b")' >pipe3 & pid=$!
      read -r line <pipe3
      while kill -INT $pid 2>/dev/null; do :; done
      wait $pid
    ]])
    assert.equal(130, r.code)
  end)
end)
