local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
local suite = assert(loadfile(here .. "suite.lua", "t", _ENV))()
local fails = suite.fails

describe("a Sandbox", function()
  local cluster, client

  setup(function()
    cluster = suite.open()
    client = cluster.k8s
    assert(client.apply {
      apiVersion = "v1",
      kind = "Secret",
      metadata = { name = "conformance-env" },
      stringData = { KEY = "value" },
    })
  end)
  teardown(function()
    if cluster then
      cluster.close()
    end
  end)

  local function apply(name, extra)
    return assert(client.apply(suite.sandbox(cluster.ns, name, extra)))
  end

  it("of the old version is stored in one that is served", function()
    local manifest = suite.sandbox(cluster.ns, "mapped")
    assert.equal("agents.x-k8s.io/v1alpha1", manifest.apiVersion)
    local stored = assert(client.apply(manifest))
    assert.equal("agents.x-k8s.io/v1beta1", stored.apiVersion)
    -- Every ref is mapped: get, delete.
    assert.equal(stored.metadata.uid, assert(client.get(manifest)).metadata.uid)
    assert(client.delete(manifest))
  end)

  it("becomes Ready, and is gone with its pod", function()
    local stored = apply "ready"
    local lines = {}
    local ready = assert(client.wait(stored, {
      timeout = 120,
      progress = function(text)
        lines[#lines + 1] = text
      end,
    }))
    local condition
    for _, c in ipairs(ready.status.conditions) do
      condition = c.type == "Ready" and c or condition
    end
    assert.equal("True", condition.status)
    local pod = assert(client.get { kind = "Pod", name = "ready" })
    assert.equal("agent", pod.metadata.labels["paperclip.io/role"])
    assert.equal(stored.metadata.uid, pod.metadata.ownerReferences[1].uid)
    assert.equal(suite.image, pod.spec.containers[1].image)
    -- One that is Ready already is no longer awaited.
    assert(client.wait(ready, { timeout = 10 }))
    assert(client.delete(ready, { propagation = "Foreground", wait = true, timeout = 120 }))
    assert.is_true(client.wait({ kind = "Pod", name = "ready" }, { deleted = true, timeout = 120 }))
  end)

  it("can be awaited by functions", function()
    local stored = apply "functions"
    local ready = assert(client.wait(stored, {
      ready = function(object)
        for _, c in ipairs(object.status and object.status.conditions or {}) do
          if c.type == "Ready" and c.status == "True" then
            return true
          end
        end
      end,
      timeout = 120,
    }))
    assert.equal("functions", ready.metadata.name)
    assert(client.delete(ready))
  end)

  it("counts the generations of its spec alone", function()
    local stored = apply "generations"
    assert.equal(1, stored.metadata.generation)
    local labelled = assert(client.patch(stored, { metadata = { labels = { a = "b" } } }))
    assert.equal(1, labelled.metadata.generation)
    local changed = assert(client.patch(stored, { spec = { shutdownPolicy = "Delete" } }))
    assert.equal(2, changed.metadata.generation)
    assert(client.delete(stored))
  end)

  it("that the guard refuses is never sent", function()
    local manifest = suite.sandbox(cluster.ns, "refused")
    local spec = manifest.spec.podTemplate.spec
    spec.hostNetwork = true
    spec.containers[1].securityContext.privileged = true
    local err = fails("policy", client.apply(manifest))
    local paths = {}
    for _, violation in ipairs(err) do
      paths[violation.path] = violation.rule
      assert.is_string(violation.message)
      assert.is_string(violation.fix)
    end
    assert.is_string(paths["spec.podTemplate.spec.hostNetwork"])
    assert.is_string(paths["spec.podTemplate.spec.containers[0].securityContext.privileged"])
    fails("policy", client.create(manifest))
    fails("not_found", client.get(manifest))
  end)

  it("cannot be patched past the guard", function()
    local stored = apply "patched"
    local function refused(patch, options)
      fails("policy", client.patch(stored, patch, options))
    end
    refused { spec = { podTemplate = { spec = { hostPID = true } } } }
    refused({ { op = "add", path = "/spec/podTemplate/spec/hostIPC", value = true } }, { type = "json" })
    local now = assert(client.get(stored))
    assert.is_nil(now.spec.podTemplate.spec.hostPID)
    -- What tightens, and what does not reach the pod, is let through.
    assert(client.patch(stored, { spec = { podTemplate = { spec = { enableServiceLinks = false } } } }))
    assert(client.patch(stored, { metadata = { annotations = { note = "x" } } }))
    assert(client.delete(stored))
  end)

  it("that names a volume without a source is invalid or refused", function()
    local manifest = suite.sandbox(cluster.ns, "volumes")
    manifest.spec.podTemplate.spec.volumes[1].emptyDir = nil
    fails("policy", client.apply(manifest))
  end)
end)
