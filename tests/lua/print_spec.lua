-- luacheck: read globals temp_folder
-- Scripts as the program runs them: a child process each.
describe("a script", function()
  local lfs = require "lfs"

  -- The program that runs this spec.
  local program = lfs.symlinkattributes("/proc/self/exe", "target")

  local function run(code, before)
    local folder = temp_folder()
    local file = folder .. "/script.lua"
    fs.write(file, code)
    local pipe = io.popen(("cd %s && %s'%s' run script.lua a b 2>&1; echo \"=$?\""):format(folder,
      before or "", program))
    local text = pipe:read("a")
    pipe:close()
    return text
  end

  it("prints to standard output", function()
    assert.equal("a\t1\tnil\ttrue\n=0\n", run 'print("a", 1, nil, true)')
  end)

  it("gets its arguments", function()
    assert.equal("script.lua\tb\ta\tb\n=0\n", run "print(arg[0], arg[2], ...)")
  end)

  it("reads standard input", function()
    assert.equal("one\ttwo\n\t12.5\t\n rest\n\tnil\n=0\n",
      run('print(fs.stdin(), fs.stdin("L"), fs.stdin("n"), fs.stdin("a"), fs.stdin())',
        "printf 'one\\ntwo\\n 12.5\\n rest\\n' | "))
    assert.equal("3\n=0\n", run('local n = 0 for _ in fs.stdin do n = n + 1 end print(n)', "printf '1\\n2\\n3' | "))
    assert.equal("abc\td\tnil\n=0\n", run('print(fs.stdin(3), fs.stdin(3), fs.stdin(3))', "printf abcd | "))
  end)

  it("reads a file as standard input", function()
    local path = temp_folder() .. "/input"
    fs.write(path, "one\ntwo")
    assert.equal("one\ntwo\tnil\n=0\n", run('print(fs.stdin("L") .. fs.stdin(), fs.stdin())', "<" .. path .. " "))
  end)

  it("waits for standard input beside other tasks", function()
    assert.equal("tick\nlate\n=0\n",
      run('task.spawn(function() task.sleep(0.02) print("tick") end) print(fs.stdin())',
        "(sleep 0.2; echo late) | "))
  end)

  it("fails with file and line", function()
    assert.equal("sandscript: script.lua:2: attempt to index a nil value (global 'x')\n=1\n",
      run "\nlocal y = x.y")
    assert.equal("sandscript: script.lua:1: unexpected symbol near '='\n=1\n", run "x = = 1")
  end)

  it("fails when a task of it failed", function()
    assert.equal("main\nsandscript: script.lua:1: behind\n=1\n",
      run 'task.spawn(function() error("behind") end) print("main")')
  end)

  it("has no way out of its libraries", function()
    assert.equal("nil\tnil\tnil\tnil\tnil\n=0\n",
      run "print(io, os.execute, package.loadlib, dofile, string.dump)")
  end)

  it("requires what stands beside it", function()
    local folder = temp_folder()
    fs.write(folder .. "/lib.lua", "task.sleep(0) return { name = ... }")
    fs.write(folder .. "/main.lua", 'print(require("lib").name, require("lib") == require("lib"))')
    local pipe = io.popen(("cd / && '%s' run %s/main.lua 2>&1"):format(program, folder))
    assert.equal("lib\ttrue\n", pipe:read("a"))
    pipe:close()
  end)
end)
