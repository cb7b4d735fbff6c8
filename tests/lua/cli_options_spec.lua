-- luacheck: read globals temp_folder
-- What the command line takes and refuses before anything is done.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

describe("cli options", function()
  local place

  setup(function()
    place = cli.place(temp_folder())
  end)

  local function usage(text, ...)
    cli.fails(place:run { ... }, 2, text)
  end

  it("suggest what was meant", function()
    usage("unknown command 'bulid': did you mean 'build'?", "bulid")
    usage("unknown command 'xyzzy'; see `sandscript help` (a script needs a / or .lua in its path)", "xyzzy")
    usage("unknown option '--contxt': did you mean '--context'?", "--contxt=a", "get", "pods")
    usage("unknown option '--sett': did you mean '--set'?", "build", "--sett", "a=b", "claude_local")
    usage("unknown option '-q'; see `sandscript help get`", "get", "-q")
    usage("unknown option '--for'", "get", "--for", "Ready", "pods")
    usage("policy: unknown verb 'lst': did you mean 'list'?", "policy", "lst")
    usage("no help on 'k8s.aply': did you mean 'k8s.apply'?", "help", "k8s.aply")
    usage("no help on 'polcy': did you mean 'policy'?", "help", "polcy")
    usage("no help on 'k8s.nothing'; there are: k8s.apply", "help", "k8s.nothing")
    usage("cannot waive 'P066': no such rule", "--waive", "P066", "version")
  end)

  it("need their values and no others", function()
    usage("option '--context' needs a value: --context NAME", "get", "pods", "--context")
    usage("option '-e' needs a value: -e CODE", "-e")
    usage("option '--all-namespaces' takes no value", "get", "pods", "--all-namespaces=yes")
    usage("--timeout 'soon' is not a number of seconds above 0", "--timeout", "soon", "version")
    usage("--timeout '0' is not", "--timeout", "0", "version")
    usage("--timeout 'nan' is not", "--timeout", "nan", "version")
    usage("--log 'loud' is not one of debug, info, warn, error, off", "--log", "loud", "version")
    usage("get: unknown output format 'xml'; one of: table wide yaml json name", "get", "pods", "-o", "xml")
    usage("version takes no --output", "version", "-o", "json")
    usage("--cluster 'kind' is neither embedded nor embedded:FILE", "--cluster", "kind", "get", "pods")
    usage("--cluster 'embedded:' is neither", "--cluster", "embedded:", "get", "pods")
    usage("--cluster and --context exclude each other", "--cluster", "embedded", "--context", "a", "get", "pods")
    usage("--cluster and --kubeconfig exclude each other", "--cluster", "embedded", "--kubeconfig", "a", "version")
  end)

  it("need their arguments and no others", function()
    usage("build needs an argument: sandscript build ADAPTER", "build")
    usage("build: unexpected argument 'b'; usage: sandscript build ADAPTER", "build", "a", "b")
    usage("wait needs more arguments: sandscript wait KIND NAME", "wait", "pod")
    usage("apply needs manifests: sandscript apply -f FILE", "apply")
    usage("get: a NAME is of one object, --all-namespaces of many", "get", "pod", "x", "-A")
    usage("get: a NAME is of one object, --selector of many", "get", "pod", "x", "-l", "a=b")
  end)

  it("may stand before the command, behind it, or be one word with their value", function()
    for _, args in ipairs {
      { "--policy", "/nowhere", "policy", "list" }, { "policy", "list", "--policy=/nowhere" },
    } do
      cli.fails(place:run(args), 2, "policy folder /nowhere (from --policy) is not a folder")
    end
    assert.matches('"items":[]', cli.ok(place:run { "get", "sandbox", "-ojson" }).out, 1, true)
  end)

  it("explain themselves", function()
    local overview = cli.ok(place:run { "help" }).out
    for _, word in ipairs { "build", "apply", "--waive", "Exit codes", "Lua modules: env fs json k8s" } do
      assert.matches(word, overview, 1, true)
    end
    assert.equal(overview, place:run({ "--help" }).out)
    local nothing = place:run {}
    assert.equal(2, nothing.code)
    assert.equal(overview, nothing.err)
    assert.matches("runtimeClassName", cli.ok(place:run { "help", "build" }).out)
    assert.matches("--set a.b=c", cli.ok(place:run { "build", "--help" }).out, 1, true)
    assert.matches("^k8s.apply%(.*%-%-> stored object", cli.ok(place:run { "help", "k8s.apply" }).out)
    assert.matches("k8s.watch(", cli.ok(place:run { "help", "k8s" }).out, 1, true)
  end)

  it("name the version", function()
    assert.matches("^sandscript %d+%.%d+%.%d+ %(Lua 5%.4%.%d+%)\n$", cli.ok(place:run { "version" }).out)
    assert.equal(place:run({ "version" }).out, place:run({ "--version" }).out)
  end)

  it("choose what is logged", function()
    local code = "log.debug('d') log.info('i', {n = 1}) log.warn('w') log.error('e')"
    assert.equal("info i n=1\nwarn w\nerror e\n", place:run({ "-e", code }).err)
    assert.equal("debug d\ninfo i n=1\nwarn w\nerror e\n", place:run({ "--log", "debug", "-e", code }).err)
    assert.equal("error e\n", place:run({ "--log=error", "-e", code }).err)
    assert.equal("", place:run({ "--log", "off", "-e", code }).err)
  end)
end)

-- What a module has, and what help says it has.
describe("cli help", function()
  it("describes every function of every module", function()
    for _, name in ipairs { "env", "fs", "json", "k8s", "log", "policy", "sandbox", "task", "yaml" } do
      local described = {}
      for _, entry in ipairs(require("ss.api." .. name)) do
        described[entry.name] = true
        local value = require(name)[entry.name:match("%.(.+)$")]
        assert.is_not_nil(value, entry.name .. " is described and is not there")
        assert.is_string(entry.doc)
      end
      for key in pairs(require(name)) do
        assert.is_true(described[name .. "." .. key], name .. "." .. key .. " is not described")
      end
    end
  end)
end)

describe("cli help on policy files", function()
  local place = cli.place(temp_folder())

  it("lists what they may declare", function()
    local out = cli.ok(place:run { "help", "adapter" }).out
    assert.matches("return adapter { name = value, … }    in adapters/NAME.lua\n", out, 1, true)
    assert.matches("\n  name +as the file is called %(required%)\n", out)
    assert.matches("\n  runtimeClassName +RuntimeClass", out)
    assert.is_nil(out:find("sandboxName", 1, true), out)
    out = cli.ok(place:run { "help", "overlay" }).out
    assert.matches("\n  tenant +only for requests of this tenant\n", out)
    cli.fails(place:run { "help", "adaptr" }, 2, "did you mean 'adapter'?")
  end)
end)

describe("cli configuration", function()
  local function configured(text, ...)
    local place = cli.place(temp_folder())
    place:write(".config/sandscript/config.lua", text)
    return place:run { ... }, place
  end

  local function refused(text, message)
    cli.fails(configured(text, "version"), 4, message)
  end

  it("gives file and line of what is wrong with it", function()
    refused("return {\n  waive = = {}\n}", ".config/sandscript/config.lua:2: unexpected symbol near '='")
    refused("error('no')", "config.lua:1:")
    refused("return 1", "must return a table, not a number")
    refused("return { waiv = {} }", "unknown field 'waiv': did you mean 'waive'?")
    refused("return { waive = 'P06' }", "'waive' must be a list of strings")
    refused("return { waive = { 1 } }", "waive[1] must be a string")
    refused("return { policy = true }", "'policy' must be a string")
    refused("while true do end", "runs too long")
    refused("\27Lua", "config.lua")
  end)

  it("names waivers and the policy folder", function()
    cli.fails(configured("return { waive = { 'nonsense' } }", "version"), 2, "cannot waive 'nonsense'")
    cli.fails(configured("return { policy = '/nowhere' }", "policy", "list"), 2,
      "policy folder /nowhere (from the configuration file) is not a folder")
  end)

  it("gives way to $SANDSCRIPT_POLICY, which gives way to --policy", function()
    local place = cli.place(temp_folder())
    place:write(".config/sandscript/config.lua", "return { policy = '/nowhere' }")
    place:write("a/adapters/a.lua", "return adapter { name = 'a', image = 'x' }")
    place:write("b/adapters/b.lua", "return adapter { name = 'b', image = 'x' }")
    local env = { SANDSCRIPT_POLICY = place.dir .. "/a" }
    assert.matches("a/adapters/a.lua", cli.ok(place:run { "policy", "list", env = env }).out, 1, true)
    assert.matches("b/adapters/b.lua", cli.ok(place:run { "policy", "list", "--policy", "b", env = env }).out, 1, true)
    cli.fails(place:run { "policy", "list", env = { SANDSCRIPT_POLICY = "/nope" } }, 2,
      "policy folder /nope (from $SANDSCRIPT_POLICY)")
  end)
end)

describe("cli standard output", function()
  local place

  setup(function()
    place = cli.place(temp_folder())
  end)

  local function refuses(redirect, reason, command)
    local r = place:shell('"$SS" ' .. command .. redirect)
    assert.equal(1, r.code, command)
    assert.matches("^sandscript: cannot write standard output: " .. reason, r.err)
  end

  it("that is full is an error", function()
    place:write("long.yaml", "namespace: a\nsandboxName: b\nenvSecretName: c\nserviceAccountName: d\n")
    for _, command in ipairs {
      "help", "version", "get namespaces", "-e 'print(1)'", "policy list", "help k8s",
      "build claude_local -f long.yaml",
    } do
      refuses(" >/dev/full", "", command)
    end
  end)

  it("that is closed is an error, and nothing else gets what was printed", function()
    refuses(" >&-", "", "version")
    refuses(" >&-", "", "get namespaces")
    assert.equal(1, place:shell('"$SS" get namespaces >&- 2>&- <&-').code)
  end)

  it("whose reader is gone is not worth a word", function()
    local r = place:shell([[{ "$SS" -e 'for i = 1, 1e5 do print(i) end'; echo $? >code; } | head -1]])
    assert.equal("1\n", r.out)
    assert.equal("", r.err)
    assert.equal("1\n", place:read("code"))
  end)
end)
