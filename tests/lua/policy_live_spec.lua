-- luacheck: read globals temp_folder
-- What a changed policy would do to the sandboxes that are there (ss.policy_live), on the
-- embedded cluster; every run of the program reads the policy folder anew.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local ADAPTER = [[
return adapter {
  name = "%s",
  image = "registry.example/%s:1",
  labels = { team = "agents" },
}
]]

local UP = [[
assert(k8s.apply {
  { apiVersion = "v1", kind = "Namespace", metadata = { name = arg[1] } },
  { apiVersion = "v1", kind = "ServiceAccount", metadata = { name = "agent", namespace = arg[1] } },
  { apiVersion = "v1", kind = "Secret", metadata = { name = "e", namespace = arg[1] } },
})
local function up(adapter, name, more)
  local request = { namespace = arg[1], sandboxName = name, envSecretName = "e", serviceAccountName = "agent" }
  for key, value in pairs(more or {}) do
    request[key] = value
  end
  local manifest = assert(policy.build(adapter, request))
  return assert(k8s.apply(manifest))
end
up("one", "plain")
up("one", "pinned", { image = "registry.example/mine:7" })
up("two", "other")
assert(k8s.apply((sandbox.build { -- made by no adapter
  namespace = arg[1], sandboxName = "hand", envSecretName = "e", serviceAccountName = "agent", image = "x:1",
  adapterType = "none", labels = {},
})))
]]

describe("the live difference of a policy", function()
  local place

  local function put(name, text)
    place:write("policy/adapters/" .. name .. ".lua", (text:gsub("%%s", name)))
  end

  local function run(...)
    return place:run { env = { SANDSCRIPT_POLICY = place.dir .. "/policy" }, ... }
  end

  local function diff(...)
    return run("policy", "diff", "--live", ...)
  end

  -- The paths that change, as "sandbox path effect".
  local function changes(...)
    local r = diff("-o", "json", ...)
    local document = json.decode(r.out)
    local lines = {}
    for _, result in ipairs(document.sandboxes) do
      for _, change in ipairs(result.changes) do
        lines[#lines + 1] = ("%s %s %s"):format(result.object.name, change.path, change.effect)
      end
    end
    table.sort(lines)
    return lines, r.code, document
  end

  before_each(function()
    place = cli.place(temp_folder())
    place:write("up.lua", UP)
    put("one", ADAPTER)
    put("two", ADAPTER)
    cli.ok(run("run", "up.lua", "demo"))
  end)

  it("is nothing while the policy is the same", function()
    local r = cli.ok(diff("-n", "demo"))
    assert.equal("0 of 3 sandboxes change, 0 need a new pod\n", r.out)
    assert.equal("0 of 1 sandbox change, 0 need a new pod\n", cli.ok(diff("two", "-n", "demo")).out)
  end)

  it("names each field, and whether it takes a new pod", function()
    put("one", (ADAPTER:gsub("%%s:1", "%%s:2"):gsub('"agents"', '"ops"')))
    local lines, code, document = changes("-n", "demo")
    assert.equal(1, code)
    assert.same({
      "pinned metadata.labels.team live",
      "pinned spec.podTemplate.metadata.labels.team live",
      "plain metadata.labels.team live",
      "plain spec.podTemplate.metadata.labels.team live",
      "plain spec.podTemplate.spec.containers[0].image new pod",
    }, lines)
    assert.equal(3, document.total)
    assert.equal(2, document.changed)
    assert.equal(1, document.newPod)
    local r = diff("-n", "demo")
    assert.equal(1, r.code)
    assert.matches("SANDBOX +FIELD +FROM +TO +EFFECT\n", r.out)
    assert.matches("plain +metadata.labels.team +agents +ops +live\n", r.out)
    assert.matches("registry.example/one:1 +registry.example/one:2 +new pod\n", r.out)
    assert.matches("\n2 of 3 sandboxes change, 1 needs a new pod\n$", r.out)
  end)

  it("tells what is live: labels, annotations and the shutdown", function()
    put("one", (ADAPTER:gsub("labels", 'shutdownTime = "2030-01-01T00:00:00Z", annotations = { note = "x" }, labels')))
    assert.same({
      "plain metadata.annotations live",
      "plain spec.shutdownTime live",
    }, { table.unpack((changes("one", "-n", "demo")), 3) })
  end)

  it("builds with the tenant of the request", function()
    put("one", ADAPTER)
    place:write("policy/local.d/acme.lua",
      'return overlay { adapter = "one", tenant = "acme", labels = { tenant = "acme" } }\n')
    place:write("tenant.lua", [[
      local manifest = assert(policy.build("one", { tenant = "acme", namespace = "demo", sandboxName = "acme",
        envSecretName = "e", serviceAccountName = "agent" }))
      assert(k8s.apply(manifest))
    ]])
    cli.ok(run("run", "tenant.lua"))
    cli.ok(diff("-n", "demo"))
    place:write("policy/local.d/acme.lua",
      'return overlay { adapter = "one", tenant = "acme", labels = { tenant = "acme2" } }\n')
    local lines, _, document = changes("-n", "demo")
    assert.same({ "acme metadata.labels.tenant live", "acme spec.podTemplate.metadata.labels.tenant live" }, lines)
    assert.equal("acme", document.sandboxes[1].tenant)
  end)

  it("looks into one namespace, or all", function()
    cli.ok(run("run", "up.lua", "other"))
    assert.matches("^0 of 3 ", cli.ok(diff("-n", "other")).out)
    assert.matches("^0 of 6 ", cli.ok(diff("-A")).out)
    put("two", (ADAPTER:gsub("agents", "x")))
    assert.matches("demo/other +metadata.labels.team", diff("-A").out)
    assert.matches("no sandbox in namespace none was made by an adapter", cli.ok(diff("-n", "none")).out, 1, true)
  end)

  it("says what can not be built any more, and goes on", function()
    assert(os.remove(place.dir .. "/policy/adapters/two.lua"))
    put("one", (ADAPTER:gsub("agents", "x")))
    local r = diff("-n", "demo")
    assert.is_true(r.code > 1, r.code)
    assert.matches("sandscript: other: .*no adapter 'two'", r.err)
    assert.matches("2 of 3 sandboxes change, 0 need a new pod; 1 could not be compared\n", r.out, 1, true)
    cli.fails(diff("tow", "-n", "demo"), 2, "no adapter 'tow'")
  end)

  it("does not believe a request that was copied from elsewhere", function()
    place:write("copy.lua", [[
      local plain = assert(k8s.get { kind = "Sandbox", name = "plain", namespace = "demo" })
      assert(k8s.patch({ kind = "Sandbox", name = "other", namespace = "demo" }, { metadata = { annotations = {
        ["sandscript.dev/request"] = plain.metadata.annotations["sandscript.dev/request"] } } }))
      assert(k8s.patch({ kind = "Sandbox", name = "pinned", namespace = "demo" }, { metadata = { annotations = {
        ["sandscript.dev/request"] = "{" } } }))
    ]])
    cli.ok(run("run", "copy.lua"))
    local r = diff("-n", "demo")
    assert.is_true(r.code > 1, r.code)
    assert.matches("other: its request makes demo/plain: the annotation was copied", r.err, 1, true)
    assert.matches("pinned: annotation sandscript.dev/request is not what was written", r.err, 1, true)
  end)

  it("records the request as it was given, up to 64 KiB", function()
    place:write("long.lua", [[
      local function up(name, n)
        local request = { namespace = "demo", sandboxName = name, envSecretName = "e", serviceAccountName = "agent",
          annotations = { note = ("x"):rep(n) } }
        local stored = assert(k8s.apply((policy.build("one", request))))
        print(#(stored.metadata.annotations["sandscript.dev/request"] or ""))
        print(stored.metadata.annotations["sandscript.dev/policy"])
      end
      up("short", 60000)
      up("long", 66000)
    ]])
    local r = cli.ok(run("run", "long.lua"))
    assert.matches("^6%d%d%d%d\n%x+\n0\n%x+\n$", r.out)
    assert.matches("long: the request it was made from is over 64 KiB and not recorded", r.err, 1, true)
  end)
end)
