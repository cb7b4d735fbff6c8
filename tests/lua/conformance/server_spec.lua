local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
local suite = assert(loadfile(here .. "suite.lua", "t", _ENV))()

describe("the server", function()
  local cluster, client

  setup(function()
    cluster = suite.open()
    client = cluster.k8s
  end)
  teardown(function()
    if cluster then
      cluster.close()
    end
  end)

  it("says its version", function()
    local version = assert(client.version())
    assert.matches("^v%d+%.%d+", version.gitVersion)
    assert.is_string(version.major)
  end)

  it("lists its kinds", function()
    local found = {}
    for _, kind in ipairs(assert(client.kinds())) do
      found[kind.apiVersion .. " " .. kind.kind] = kind
    end
    assert.is_true(found["v1 ConfigMap"].namespaced)
    assert.is_false(found["v1 Namespace"].namespaced)
    assert.equal("sandboxes", found["agents.x-k8s.io/v1beta1 Sandbox"].resource)
    for _, name in ipairs {
      "v1 Pod", "v1 Secret", "v1 ServiceAccount", "v1 Event", "v1 ResourceQuota", "v1 LimitRange",
      "rbac.authorization.k8s.io/v1 Role", "rbac.authorization.k8s.io/v1 RoleBinding",
      "networking.k8s.io/v1 NetworkPolicy", "batch/v1 Job",
    } do
      assert.is_table(found[name], name)
    end
  end)

  it("keeps events about an object", function()
    local stored = assert(client.create(suite.config_map "about"))
    for i = 1, 2 do
      local at = ("2026-01-01T00:00:0%dZ"):format(i)
      assert(client.create {
        apiVersion = "v1",
        kind = "Event",
        metadata = { name = "about." .. i },
        involvedObject = {
          apiVersion = "v1",
          kind = "ConfigMap",
          name = "about",
          namespace = cluster.ns,
          uid = stored.metadata.uid,
        },
        type = "Normal",
        reason = "Told" .. i,
        message = "number " .. i,
        firstTimestamp = at,
        lastTimestamp = at,
        count = 1,
        source = { component = "conformance" },
      })
    end
    local events = assert(client.events(stored))
    assert.equal(2, #events)
    assert.equal("Told1", events[1].reason)
    assert.equal("Told2", events[2].reason)
    assert.equal(0, #assert(client.events(suite.ref "nobody")))
  end)
end)
