-- luacheck: read globals temp_folder
-- Scripts have no access to the engine's own files, by whatever name; and files that others may
-- change are not trusted.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local KUBECONFIG = [[
apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: u, user: {tokenFile: token}}]
]]

local place

local function shell(text, ...)
  assert(os.execute(("cd '%s' && { %s; }"):format(place.dir, text:format(...))))
end

-- What a script gets for each line of code, "ok" or the error's code.
local function outcomes(lines, env)
  local script = { "local function try(value, err) print(value and 'ok' or err.code) end" }
  for _, line in ipairs(lines) do
    script[#script + 1] = ("try(%s)"):format(line)
  end
  local path = place:write("script.lua", table.concat(script, "\n"))
  local r = place:run { "run", path, env = env or {} }
  assert.equal(0, r.code, r.err)
  local got = {}
  for word in r.out:gmatch "%S+" do
    got[#got + 1] = word
  end
  assert.equal(#lines, #got, r.out)
  return got
end

local function refused(lines, env)
  for i, code in ipairs(outcomes(lines, env)) do
    assert.equal("forbidden", code, lines[i])
  end
end

describe("the engine's own files", function()
  before_each(function()
    place = cli.place(temp_folder())
    place:write(".kube/config", KUBECONFIG)
    place:write(".kube/token", "secret-token\n")
    place:write(".config/sandscript/config.lua", "return {}\n")
    place:write(".local/state/sandscript/history", "k8s.apply{}\n")
    place:write("plain", "text\n")
  end)

  it("are not read, by any name", function()
    shell "ln -s .kube/config soft; ln .kube/token hard; ln -s hard soft2; mkdir d; ln -s ../.kube d/k"
    shell "ln .config/sandscript/config.lua hard3; ln .local/state/sandscript/history hard4"
    refused {
      'fs.read ".kube/config"', 'fs.read ".kube/token"', 'fs.read "soft"', 'fs.read "hard"', 'fs.read "soft2"',
      'fs.read "d/k/token"', 'fs.read ".kube/../.kube/./config"',
      'fs.read(arg[0]:gsub("script.lua$", ".kube/config"))',
      'fs.read ".config/sandscript/config.lua"', 'fs.read "hard3"',
      'fs.read ".local/state/sandscript/history"', 'fs.read "hard4"',
    }
    assert.same({ "ok", "not_found", "ok" }, outcomes { 'fs.read "plain"', 'fs.read "nowhere"', 'fs.list "."' })
  end)

  it("are not read through an open descriptor", function()
    local path = place:write("script.lua", [[
      local text, err = fs.read("/dev/fd/9")
      print(text or err.code)
      text, err = fs.read("/dev/stdin")
      print(text or err.code)]])
    local r = place:shell(('"$SS" run %s 9<.kube/token <.kube/config'):format(path))
    assert.equal("forbidden\nforbidden\n", r.out, r.err)
  end)

  it("are those of this run", function()
    place:write("other/config", (KUBECONFIG:gsub("tokenFile: token", "tokenFile: its-token")))
    place:write("other/its-token", "x\n")
    local env = { KUBECONFIG = place.dir .. "/other/config" }
    refused({ 'fs.read "other/config"', 'fs.read "other/its-token"' }, env)
    assert.same({ "ok" }, outcomes({ 'fs.read ".kube/token"' }, env))
    -- Of a cluster that a script connects to, too.
    assert.same({ "ok", "ok", "forbidden" }, outcomes {
      'fs.read "other/its-token"', 'k8s.connect{kubeconfig="other/config"}', 'fs.read "other/its-token"',
    })
  end)

  it("are those of before and of now, when one is replaced", function()
    place:write("k/config", (KUBECONFIG:gsub("tokenFile: token", "tokenFile: turn")))
    place:write("k/turn", "first\n")
    shell "ln k/turn former; echo second >k/next"
    local path = place:write("script.lua", [[
      local client = assert(k8s.connect{kubeconfig="k/config"})
      print(select(2, fs.read("former")).code)
      print("turned", #fs.stdin("a"))
      for _, name in ipairs{"former", "k/turn"} do
        print(select(2, fs.read(name)).code)
      end]])
    local r = place:shell(([[
      mkfifo pipe; touch out
      "$SS" run %s <pipe >out 2>err & exec 9>pipe
      n=0; until grep -q forbidden out || [ $n -gt 1000 ]; do n=$((n + 1)); sleep 0.05; done
      mv k/next k/turn; exec 9>&-; wait; cat out; cat err >&2]]):format(path))
    assert.equal("forbidden\nturned\t0\nforbidden\nforbidden\n", r.out, r.err)
  end)

  it("are not the embedded cluster's database either", function()
    local path = place:write("script.lua", [[
      assert(k8s.create{apiVersion="v1", kind="ConfigMap", metadata={name="a"}})
      print(select(2, fs.read("c.db")).code)]])
    local r = place:run { "--cluster", "embedded:c.db", "run", path }
    assert.equal("forbidden\n", r.out, r.err)
  end)

  it("are not replaced, and none is put where one will be looked for", function()
    shell "ln -s .config/sandscript link; ln -s config.lua .config/sandscript/other.lua; ln -s .kube/token soft"
    refused {
      'fs.write(".kube/config", "x")', 'fs.write("soft", "x")',
      'fs.write(".local/state/sandscript/policy-1.json", "x")',
      'fs.write(".config/sandscript/config.lua", "x")', 'fs.write("link/config.lua", "x")',
      'fs.write("link/other.lua", "x")',
    }
    shell "rm .config/sandscript/config.lua"
    refused { 'fs.write(".config/sandscript/config.lua", "return {}")', 'fs.write("link/config.lua", "return {}")' }
    assert.same({ "ok", "ok" }, outcomes {
      'fs.write("new", "x")', 'fs.write(".config/sandscript/notes", "x")',
    })
  end)

  it("include /proc, and what lists them is refused", function()
    refused {
      'fs.read "/proc/self/environ"', 'fs.read "/proc/1/cmdline"', 'fs.list "/proc/self/fd"', 'fs.list "/dev/fd"',
      'fs.list ".local/state/sandscript"',
    }
  end)
end)

describe("what others may change", function()
  local LOOP = [[
    local input = { namespace = "d", sandboxName = "s", envSecretName = "e", serviceAccountName = "a" }
    local manifest, err = policy.build("one", input)
    print(manifest and "built" or err.message)]]
  local root = io.popen("id -u"):read "l" == "0"

  before_each(function()
    place = cli.place(temp_folder())
    place:write("policy/adapters/one.lua", 'return adapter { name = "one", image = "x.example/y:1" }\n')
    place:write("loop.lua", LOOP)
  end)

  local function run(...)
    return place:run { "--policy", "policy", "--cluster", "embedded:c.db", "run", "loop.lua", ... }
  end

  local function watched()
    return place:run { "--policy", "policy", "--cluster", "embedded:c.db", "run", "--watch", "loop.lua" }
  end

  local cases = {
    { "chmod 666 policy/adapters/one.lua", "may be written by everybody" },
    { "chmod 777 policy/adapters", "in a folder that everybody may write to" },
  }
  if root then
    cases[3] = { "chown 12345 policy/adapters/one.lua", "belongs to another user (uid 12345)" }
    cases[4] = { "chown 12345 policy/adapters", "in a folder of another user (uid 12345)" }
  end

  for _, case in ipairs(cases) do
    it(("is warned about, and refused while it is watched: %s"):format(case[1]), function()
      shell(case[1])
      local r = run()
      assert.equal("built\n", r.out, r.err)
      assert.truthy(r.err:find(case[2], 1, true), r.err)
      assert.equal(1, select(2, r.err:gsub("others decide", "")), r.err)
      r = watched()
      assert.not_equal("built\n", r.out)
      assert.truthy((r.out .. r.err):find(case[2], 1, true), r.out .. r.err)
    end)
  end

  it("is let in when nobody else may change it any more", function()
    place:write("loop.lua", [[
      local input = { namespace = "d", sandboxName = "s", envSecretName = "e", serviceAccountName = "a" }
      local manifest, err
      repeat
        manifest, err = policy.build("one", input)
        if not manifest then log.warn(err.message) end
        task.sleep(0.02)
      until manifest
      print "built"]])
    for _, path in ipairs { "policy/adapters", "policy/adapters/one.lua" } do
      shell("rm -rf .local out err; chmod o+w %s; touch err", path) -- no last good version to serve meanwhile
      local r = place:shell(([[
        "$SS" --policy policy --cluster embedded:c.db run --watch loop.lua >out 2>err & pid=$!
        n=0; until grep -q everybody err || [ $n -gt 1000 ]; do n=$((n + 1)); sleep 0.05; done
        chmod o-w %s; wait; cat out]]):format(path))
      assert.equal("built\n", r.out, r.err)
    end
  end)

  it("is not what a group may write, nor what lies in a sticky folder", function()
    shell "chmod 664 policy/adapters/one.lua; chmod 1777 policy/adapters"
    local r = watched()
    assert.equal("built\n", r.out, r.err)
    assert.is_nil(r.err:find("others", 1, true), r.err)
  end)

  it("holds of the kubeconfig and of the configuration", function()
    place:write("k", KUBECONFIG)
    place:write(".config/sandscript/config.lua", "return {}\n")
    place:write("token", "t")
    shell "chmod 666 k .config/sandscript/config.lua"
    local script = place:write("s.lua", 'print(k8s.connect{kubeconfig="k"} and "connected")')
    local r = place:run { "--policy", "policy", "run", script }
    assert.equal("connected\n", r.out, r.err)
    assert.truthy(r.err:find("kubeconfig k may be written by everybody", 1, true), r.err)
    assert.truthy(r.err:find("configuration " .. place.dir .. "/.config/sandscript/config.lua may be", 1, true), r.err)
    r = place:run { "--policy", "policy", "run", "--watch", script }
    assert.equal(4, r.code)
    assert.truthy(r.err:find("not used by a process that watches", 1, true), r.err)
    shell "chmod 644 .config/sandscript/config.lua"
    place:write("s.lua", 'print(select(2, k8s.connect{kubeconfig="k"}).message)')
    r = place:run { "--policy", "policy", "run", "--watch", script }
    assert.truthy(r.out:find("kubeconfig k may be written by everybody", 1, true), r.out .. r.err)
  end)
end)
