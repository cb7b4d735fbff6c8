-- luacheck: read globals temp_folder
-- scripts/: what an operator runs, on the embedded cluster.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()
local root = os.getenv("SS_SOURCE_DIR") or os.getenv("PWD")

describe("scripts", function()
  local place

  before_each(function()
    place = cli.place(temp_folder())
  end)

  local function script(name, ...)
    return place:run { "run", root .. "/scripts/" .. name .. ".lua", env = { ANTHROPIC_API_KEY = "k3y" }, ... }
  end

  local function there()
    return place:run({ "get", "sandbox", "-A", "-o", "name" }).out
      .. place:run({ "get", "secret", "-A", "-o", "name" }).out
  end

  it("hello builds, applies, waits and deletes", function()
    local r = cli.ok(script("hello"))
    assert.equal("Namespace hello created\nServiceAccount agent created\nSecret hello-env created\n"
      .. "sandbox hello is Ready\nand gone\n", r.out)
    assert.equal("sandbox hello is Ready\nand gone\n", cli.ok(script("hello")).out)
  end)

  it("provision makes a sandbox, and release takes it away with its Secret", function()
    local r = cli.ok(script("provision", "claude_local", "--name", "p1"))
    assert.matches("^namespace/agents created\nserviceaccount/agent created\n"
      .. "secret/p1%-env created in namespace agents\nsandbox/p1 created in namespace agents\n", r.out)
    assert.matches("sandbox p1 is Ready in namespace agents", r.out, 1, true)
    assert.matches("egress declared by the adapter is not yet enforced: api.anthropic.com", r.out, 1, true)
    assert.is_nil((r.out .. r.err):find("k3y", 1, true))
    assert.equal("sandbox.agents.x-k8s.io/p1\nsecret/p1-env\n", there())
    local namespace = json.decode(place:run({ "get", "ns", "agents", "-o", "json" }).out)
    assert.equal("restricted", namespace.metadata.labels["pod-security.kubernetes.io/enforce"])
    assert.equal("sandbox p1 deleted from namespace agents\n", cli.ok(script("release", "p1")).out)
    assert.equal("", there())
    assert.equal("sandbox p1 was not there (namespace agents)\n", cli.ok(script("release", "p1")).out)
  end)

  it("provision again with the same name says what it did", function()
    cli.ok(script("provision", "claude_local", "--name", "p1"))
    local r = cli.ok(script("provision", "claude_local", "--name", "p1"))
    assert.matches("namespace/agents unchanged\nserviceaccount/agent unchanged\n"
      .. "secret/p1-env unchanged in namespace agents\nsandbox/p1 unchanged in namespace agents\n", r.out, 1, true)
    assert.matches("warn the sandbox was there: its pod keeps what it was started with", r.err, 1, true)
    assert.equal("sandbox.agents.x-k8s.io/p1\nsecret/p1-env\n", there())
  end)

  it("provision says what it changes in a namespace that is there, and writes nothing else of it", function()
    local function versions()
      return place:run({ "-p", [[k8s.get{kind="Namespace", name="team"}.metadata.resourceVersion ..
        "," .. k8s.get{kind="ServiceAccount", name="agent", namespace="team"}.metadata.resourceVersion]] }).out
    end
    cli.ok(place:run { "-e", [[
      assert(k8s.apply { { apiVersion = "v1", kind = "Namespace", metadata = { name = "team", labels = {
        owner = "me", ["pod-security.kubernetes.io/warn"] = "restricted" } } },
        { apiVersion = "v1", kind = "ServiceAccount", metadata = { name = "agent", namespace = "team" } } })]] })
    local r = cli.ok(script("provision", "claude_local", "--name", "p1", "--namespace", "team"))
    assert.matches("^namespace/team configured: metadata.labels.pod%-security.kubernetes.io/audit: unset → restricted, "
      .. "metadata.labels.pod%-security.kubernetes.io/enforce: unset → restricted\n"
      .. "serviceaccount/agent configured: automountServiceAccountToken: unset → false\n", r.out)
    local before = versions()
    r = cli.ok(script("provision", "claude_local", "--name", "p2", "--namespace", "team"))
    assert.matches("^namespace/team unchanged\nserviceaccount/agent unchanged\n", r.out)
    assert.equal(before, versions())
  end)

  it("provision does not take over a label that another has set", function()
    cli.ok(place:run { "-e", [[
      assert(k8s.apply({ apiVersion = "v1", kind = "Namespace", metadata = { name = "team", labels = {
        ["pod-security.kubernetes.io/enforce"] = "baseline" } } }, { fieldManager = "platform" }))]] })
    local r = script("provision", "claude_local", "--name", "p1", "--namespace", "team")
    assert.equal(1, r.code)
    assert.matches("conflict with \"platform\"", r.err, 1, true)
    assert.equal("", there())
  end)

  it("provision takes back what it made when a step fails", function()
    local r = script("provision", "claude_local", "--name", "p2", "--image", "x.invalid/a", "--timeout", "1.5")
    assert.equal(5, r.code)
    assert.matches("wait Sandbox agents/p2: timed out after 1.5 s: Pod agents/p2: ImagePullBackOff", r.err, 1, true)
    assert.matches("info undone object=sandbox/p2\ninfo undone object=secret/p2-env\n", r.err, 1, true)
    assert.equal("", there())
  end)

  it("provision keeps what was there before when a step fails", function()
    cli.ok(script("provision", "claude_local", "--name", "p1"))
    cli.ok(place:run { "-e", [[
      assert(k8s.patch({ kind = "Sandbox", name = "p1", namespace = "agents" },
        { spec = { operatingMode = "Suspended" } }))]] })
    local r = script("provision", "claude_local", "--name", "p1", "--timeout", "0.5")
    assert.not_equal(0, r.code)
    assert.equal("sandbox.agents.x-k8s.io/p1\nsecret/p1-env\n", there())
  end)

  it("provision takes back what it made when it is interrupted", function()
    local r = place:interrupt({ "run", root .. "/scripts/provision.lua", "claude_local", "--name", "p3", "--image",
      "x.invalid/a" }, "err", "ImagePullBackOff")
    assert.equal(130, r.code)
    assert.matches("info undone object=sandbox/p3\ninfo undone object=secret/p3-env\n", r.err, 1, true)
    assert.equal("", there())
  end)

  it("refuse wrong arguments before they do anything", function()
    local function refused(name, text, ...)
      local r = script(name, ...)
      assert.equal(1, r.code)
      local usage = "\nusage: sandscript run scripts/" .. name .. ".lua [^\n]*\n$"
      assert.matches("^sandscript: " .. text .. "[^\n]*" .. usage, r.err)
    end
    refused("provision", "which adapter%?")
    refused("provision", "unknown option '%-%-nmae'", "claude_local", "--nmae", "x")
    refused("provision", "option '%-%-name' needs a value", "claude_local", "--name")
    refused("provision", "unexpected argument 'b'", "claude_local", "b")
    refused("provision", "%-%-timeout 'soon' is not a number of seconds above 0", "claude_local", "--timeout=soon")
    refused("release", "which sandbox%?")
    refused("release", "unexpected argument 'b'", "a", "b")
    cli.fails(script("provision", "claude_loca"), 1, "did you mean 'claude_local'?")
    assert.equal("", there())
  end)
end)
