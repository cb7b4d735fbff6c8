local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
local suite = assert(loadfile(here .. "suite.lua", "t", _ENV))()
local config_map, ref, fails = suite.config_map, suite.ref, suite.fails

describe("delete", function()
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

  local function owned_by(owner, name)
    return config_map(name, nil, {
      ownerReferences = {
        {
          apiVersion = owner.apiVersion,
          kind = owner.kind,
          name = owner.metadata.name,
          uid = owner.metadata.uid,
          blockOwnerDeletion = true,
        },
      },
    })
  end

  local function gone(name)
    return assert(client.wait(ref(name), { deleted = true, timeout = 60 }))
  end

  it("removes", function()
    local stored = assert(client.create(config_map "d"))
    assert(client.delete(stored))
    fails("not_found", client.get(stored))
  end)

  it("of what is not there is no error, unless asked for", function()
    assert.is_true(client.delete(ref "nowhere"))
    fails("not_found", client.delete(ref "nowhere", { ignoreNotFound = false }))
  end)

  it("checks the uid", function()
    local stored = assert(client.create(config_map "uid"))
    local other = "00000000-0000-0000-0000-000000000000"
    -- An object of another uid is not the one that was meant: that one is gone.
    assert.is_true(client.delete(stored, { uid = other }))
    fails("conflict", client.delete(stored, { uid = other, ignoreNotFound = false }))
    assert(client.get(stored))
    assert(client.delete(stored, { uid = stored.metadata.uid }))
    fails("not_found", client.get(stored))
  end)

  it("is not stored by a dry run", function()
    local stored = assert(client.create(config_map "dry"))
    assert(client.delete(stored, { dryRun = true }))
    assert(client.get(stored))
  end)

  it("waits for finalizers", function()
    local stored = assert(client.create(config_map("final", nil, { finalizers = { "sandscript.dev/test" } })))
    assert(client.delete(stored))
    local dying = assert(client.get(stored))
    assert.is_string(dying.metadata.deletionTimestamp)
    fails("timeout", client.wait(stored, { deleted = true, timeout = 0.3 }))
    assert(client.patch(stored, { metadata = { finalizers = json.null } }))
    gone "final"
  end)

  it("waits until it is gone when asked to", function()
    local stored = assert(client.create(config_map "waited"))
    assert(client.delete(stored, { wait = true }))
    fails("not_found", client.get(stored))
  end)

  it("takes the dependents along", function()
    local owner = assert(client.create(config_map "owner"))
    assert(client.create(owned_by(owner, "dependent")))
    assert(client.delete(owner, { propagation = "Background" }))
    gone "owner"
    gone "dependent"
  end)

  it("takes the dependents first in the foreground", function()
    local owner = assert(client.create(config_map "fore"))
    assert(client.create(owned_by(owner, "fore-dependent")))
    assert(client.delete(owner, { propagation = "Foreground", wait = true, timeout = 60 }))
    fails("not_found", client.get(ref "fore-dependent"))
  end)

  it("leaves orphans when asked to", function()
    local owner = assert(client.create(config_map "parent"))
    local child = assert(client.create(owned_by(owner, "orphan")))
    assert(client.delete(owner, { propagation = "Orphan", wait = true, timeout = 60 }))
    assert(client.wait(child, {
      ready = function(object)
        return not object.metadata.ownerReferences or #object.metadata.ownerReferences == 0
      end,
    }))
  end)

  it("takes every match of a selector", function()
    for i = 1, 3 do
      assert(client.create(config_map("sel" .. i, nil, { labels = { doomed = i < 3 and "yes" or "no" } })))
    end
    assert(client.delete({ kind = "ConfigMap", labelSelector = "doomed=yes" }))
    local left = assert(client.list { kind = "ConfigMap", labelSelector = "doomed" })
    assert.equal(1, #left)
    assert.equal("sel3", left[1].metadata.name)
  end)

  it("of a namespace takes everything in it", function()
    local other = suite.open()
    assert(other.k8s.create(config_map "inside"))
    assert(other.k8s.delete({ kind = "Namespace", name = other.ns }, { wait = true, timeout = 120 }))
    fails("not_found", other.k8s.get { kind = "Namespace", name = other.ns })
    fails("not_found", other.k8s.get(ref "inside"))
  end)
end)
