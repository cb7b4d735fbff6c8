-- luacheck: read globals temp_folder
-- What --timeout ended is named: the function that waited, its object, and its line.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local OVER = "sandscript: the time of the run is over: waiting in "

local WAITS = {
  { "task.sleep", "\nassert(task.sleep(100))", "task.sleep (s.lua:2)" },
  { "what the script does not look at", "task.sleep(100)\ntask.sleep(100)", "task.sleep (s.lua:1)" },
  { "k8s.wait", "\nassert(k8s.wait { kind = 'Pod', name = 'x', namespace = 'n' })", "k8s.wait Pod n/x (s.lua:2)" },
  { "k8s.wait with functions", "\nassert(k8s.wait({ kind = 'Pod', metadata = { name = 'x' } }, "
    .. "{ ready = function() end }))", "k8s.wait Pod x (s.lua:2)" },
  { "k8s.watch", "\nfor _ in assert(k8s.watch { kind = 'Pod', name = 'x' }) do end", "k8s.watch (s.lua:2)" },
  { "a task that is joined", "local t = task.spawn(function()\n  task.sleep(100)\nend)\nassert(task.join(t))",
    "task.join (s.lua:4), task.sleep (s.lua:2)" },
  { "one of many", "task.map({ 1, 2, 3, 4, 5 }, function()\n  task.sleep(100)\nend)",
    "task.map (s.lua:1), task.sleep (s.lua:2)" },
  { "more than a line holds", "for i = 1, 5 do load('task.spawn(function() task.sleep(100) end)', '=' .. i)() end",
    "task.sleep (1:1), task.sleep (2:1), task.sleep (3:1) and 2 more" },
  { "a coroutine of the script", "local f = coroutine.wrap(function()\n  pcall(task.sleep, 100)\nend)\nf()",
    "task.sleep (s.lua:2)" },
  { "a module", "\nrequire 'slow'", "task.sleep (%s/slow.lua:1)" },
}

describe("--timeout of a run", function()
  local place

  before_each(function()
    place = cli.place(temp_folder())
    place:write("slow.lua", "task.sleep(100)")
  end)

  local function run(text, ...)
    place:write("s.lua", text)
    return place:run { "--timeout", "0.3", "--cluster", "embedded:c.db", "run", "s.lua", ... }
  end

  for _, case in ipairs(WAITS) do
    it("names " .. case[1], function()
      local r = run(case[2])
      assert.equal(5, r.code, r.err)
      assert.equal(OVER .. case[3]:format(place.dir), (r.err:match("^[^\n]*")))
    end)
  end

  it("names the line that computes", function()
    cli.fails(run "\nwhile true do end", 5, "sandscript: s.lua:2: the time of the run is over while this runs")
  end)

  it("names a request that the server does not answer", function()
    place:write("silent.py", [[
import socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(8)
with open("kc", "w") as f:
    f.write('{"apiVersion": "v1", "kind": "Config", "current-context": "x", "contexts": [{"name": "x", "context": '
            '{"cluster": "c"}}], "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:%d"}}]}'
            % s.getsockname()[1])
print("ready", flush=True)
sys.stdin.read()
]])
    place:write("s.lua", "\nassert(k8s.apply { apiVersion = 'v1', kind = 'ConfigMap', metadata = { name = 'm' } })")
    local r = place:shell([[
      mkfifo in out
      python3 silent.py <in >out & pid=$!
      exec 4>in 3<out
      read -r line <&3
      "$SS" --kubeconfig kc --timeout 0.3 run s.lua; code=$?
      exec 4>&-
      wait $pid
      exit $code]])
    assert.equal(5, r.code, r.err)
    assert.equal(OVER .. "k8s.apply ConfigMap m (s.lua:2)", (r.err:match("([^\n]*)\n$")))
  end)

  it("is told apart from that of an input and of task.timeout", function()
    local r = place:run { "--timeout", "0.3", "repl", stdin = "task.sleep(100)\n" }
    assert.matches("the time of the input is over: waiting in task.sleep (prompt#1:1)", r.err .. r.out, 1, true)
    r = place:run { "-e", "print(task.timeout(0.1, function() task.sleep(100) end))" }
    assert.equal("nil\tthe time given to task.timeout is over: waiting in task.sleep ((command line):1)\n", r.out)
  end)
end)
