local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
local suite = assert(loadfile(here .. "suite.lua", "t", _ENV))()
local config_map, ref, fails = suite.config_map, suite.ref, suite.fails

describe("apply", function()
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

  local function apply_as(manager, object, force)
    return client.apply(object, { fieldManager = manager, force = force })
  end

  it("takes no notice of a namespace that a cluster-scoped object carries", function()
    local name = cluster.ns .. "-scoped"
    local object = { apiVersion = "v1", kind = "Namespace", metadata = { name = name, namespace = "elsewhere" } }
    local stored = assert(client.create(object))
    assert.is_nil(stored.metadata.namespace)
    assert.equal(stored.metadata.uid, assert(client.apply(object)).metadata.uid)
    assert.equal(stored.metadata.uid, assert(client.apply(object, { namespace = "third" })).metadata.uid)
    assert.is_true(assert(client.diff(object)).same)
    assert.equal(stored.metadata.uid, assert(client.get(object)).metadata.uid)
    assert(client.delete(object))
  end)

  it("creates, then changes", function()
    local first = assert(client.apply(config_map("c", { a = "1" })))
    local second = assert(client.apply(config_map("c", { a = "2" })))
    assert.equal(first.metadata.uid, second.metadata.uid)
    assert.not_equal(first.metadata.resourceVersion, second.metadata.resourceVersion)
    assert.same({ a = "2" }, second.data)
  end)

  it("of the same again changes nothing", function()
    local first = assert(client.apply(config_map("same", { a = "1" })))
    local second = assert(client.apply(config_map("same", { a = "1" })))
    assert.equal(first.metadata.resourceVersion, second.metadata.resourceVersion)
  end)

  it("removes what the manager no longer has", function()
    assert(apply_as("a", config_map("removal", { x = "1", y = "2" })))
    local stored = assert(apply_as("a", config_map("removal", { y = "2" })))
    assert.same({ y = "2" }, stored.data)
  end)

  it("leaves what another manager has", function()
    assert(apply_as("a", config_map("other", { x = "1" })))
    assert(apply_as("b", config_map("other", { y = "2" })))
    local stored = assert(apply_as("a", config_map("other", { x = "3" })))
    assert.same({ x = "3", y = "2" }, stored.data)
  end)

  it("keeps what two managers have until both let go", function()
    assert(apply_as("a", config_map("shared", { x = "1", a = "1" })))
    assert(apply_as("b", config_map("shared", { x = "1" })))
    local stored = assert(apply_as("a", config_map("shared", { a = "1" })))
    assert.same({ x = "1", a = "1" }, stored.data)
  end)

  it("says what conflicts, and with whom", function()
    assert(apply_as("owner", config_map("conflict", { x = "1", y = "1" })))
    local err = fails("conflict", apply_as("other", config_map("conflict", { x = "2" })))
    assert.equal(409, err.status)
    assert.equal("FieldManagerConflict", err.causes[1].reason)
    assert.equal(".data.x", err.causes[1].field)
    assert.matches("owner", err.causes[1].message)
    assert.same({ x = "1", y = "1" }, client.get(ref "conflict").data)
  end)

  it("takes over by force", function()
    assert(apply_as("owner", config_map("force", { x = "1" })))
    local stored = assert(apply_as("other", config_map("force", { x = "2" }), true))
    assert.same({ x = "2" }, stored.data)
    fails("conflict", apply_as("owner", config_map("force", { x = "1" })))
  end)

  it("does not conflict over an equal value", function()
    assert(apply_as("a", config_map("equal", { x = "1" })))
    assert(apply_as("b", config_map("equal", { x = "1" })))
  end)

  it("conflicts with what was created", function()
    assert(client.create(config_map("created", { x = "1" }), { fieldManager = "creator" }))
    local err = fails("conflict", apply_as("a", config_map("created", { x = "2" })))
    assert.equal(".data.x", err.causes[1].field)
  end)

  it("with a version is a lock", function()
    local first = assert(client.apply(config_map("lock", { x = "1" })))
    assert(client.apply(config_map("lock", { x = "2" })))
    local stale = config_map("lock", { x = "3" }, { resourceVersion = first.metadata.resourceVersion })
    fails("conflict", client.apply(stale))
  end)

  it("takes an object that was read", function()
    assert(client.apply(config_map("read", { x = "1" })))
    local object = client.get(ref "read")
    object.data.x = "2"
    assert.equal("2", assert(client.apply(object)).data.x)
  end)

  it("merges lists of containers by name, and their env", function()
    local function variant(name, value)
      return suite.sandbox(cluster.ns, "merged", { env = { [name] = value }, labels = { app = "x" } })
    end
    assert(apply_as("a", variant("A", "1")))
    local stored = assert(apply_as("b", variant("B", "2")))
    local containers = stored.spec.podTemplate.spec.containers
    assert.equal(1, #containers)
    local env = {}
    for _, entry in ipairs(containers[1].env) do
      env[entry.name] = entry.value
    end
    assert.same({ A = "1", B = "2" }, env)
    assert(client.delete(stored))
  end)

  it("replaces other lists as a whole", function()
    local function variant(...)
      return config_map("atomic", nil, { finalizers = nil, labels = { [(...)] = "1" } })
    end
    assert(apply_as("a", variant "one"))
    assert.same({ two = "1" }, assert(apply_as("a", variant "two")).metadata.labels)
    local role = function(...)
      return {
        apiVersion = "rbac.authorization.k8s.io/v1",
        kind = "Role",
        metadata = { name = "atomic" },
        rules = { { apiGroups = { "" }, resources = { ... }, verbs = { "get" } } },
      }
    end
    assert(client.apply(role("pods", "secrets")))
    assert.same({ "pods" }, { table.unpack(assert(client.apply(role "pods")).rules[1].resources) })
  end)

  it("is not stored by a dry run", function()
    local stored = assert(client.apply(config_map("dry", { x = "1" }), { dryRun = true }))
    assert.same({ x = "1" }, stored.data)
    fails("not_found", client.get(ref "dry"))
  end)

  it("records its manager", function()
    local stored = assert(client.apply(config_map("manager", { x = "1" })))
    assert.is_nil(stored.metadata.managedFields)
    stored = assert(client.get(stored))
    assert.equal("sandscript", stored.metadata.managedFields[1].manager)
    assert.equal("Apply", stored.metadata.managedFields[1].operation)
  end)

  it("of a list goes in the order of dependencies and stops at the first error", function()
    local ns = cluster.ns
    local stored = assert(client.apply {
      config_map "l1",
      { apiVersion = "v1", kind = "ServiceAccount", metadata = { name = "l2" } },
    })
    assert.equal("l1", stored[1].metadata.name)
    assert.equal("l2", stored[2].metadata.name)
    local value, err = client.apply {
      config_map "Bad_Name",
      { apiVersion = "v1", kind = "ServiceAccount", metadata = { name = "l3", namespace = ns } },
    }
    fails("invalid", value, err)
    assert.equal(1, #err.applied)
    assert.equal("l3", err.applied[1].metadata.name)
  end)

  it("takes YAML", function()
    local stored = assert(client.apply [[
apiVersion: v1
kind: ConfigMap
metadata: {name: y1}
data: {a: "yes"}
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: y2}
]])
    assert.equal(2, #stored)
    assert.equal("yes", stored[1].data.a)
    assert.equal("y2", stored[2].metadata.name)
    fails("parse", client.apply "a: [")
  end)
end)

describe("diff", function()
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

  it("shows what applying would change", function()
    assert(client.apply(config_map("d", { a = "1", b = "1" })))
    local diff = assert(client.diff(config_map("d", { a = "1", b = "2" })))
    assert.is_false(diff.same)
    assert.same({ { path = "data.b", op = "replace", from = "1", to = "2" } }, diff.changes)
    assert.matches('\n-  b: "1"\n+  b: "2"\n', diff.text, 1, true)
    assert.matches("@@ data", diff.text, 1, true)
    assert.equal("1", client.get(ref "d").data.b)
  end)

  it("of the same is empty", function()
    assert(client.apply(config_map("same", { a = "1" })))
    local diff = assert(client.diff(config_map("same", { a = "1" })))
    assert.is_true(diff.same)
    assert.equal("", diff.text)
    assert.same(0, #diff.changes)
  end)

  it("of a new object is all of it", function()
    local diff = assert(client.diff(config_map("new", { a = "1" })))
    assert.is_false(diff.same)
    assert.is_false(diff.exists)
    assert.matches('\n+  a: "1"\n', diff.text, 1, true)
    fails("not_found", client.get(ref "new"))
  end)
end)
