local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
local suite = assert(loadfile(here .. "suite.lua", "t", _ENV))()
local config_map = suite.config_map

describe("watch", function()
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

  -- "ADDED a", "MODIFIED a" … of the next n events.
  local function take(watch, n)
    local seen = {}
    for ev in watch do
      seen[#seen + 1] = ev.type .. " " .. ev.object.metadata.name
      if #seen == n then
        break
      end
    end
    return seen
  end

  it("shows what is there, then what happens", function()
    assert(client.create(config_map("w1", { a = "1" }, { labels = { set = "one" } })))
    local watch <close> = assert(client.watch { kind = "ConfigMap", labelSelector = "set=one", timeout = 30 })
    assert.same({ "ADDED w1" }, take(watch, 1))
    assert(client.patch(suite.ref "w1", { data = { a = "2" } }))
    assert(client.create(config_map("w2", nil, { labels = { set = "one" } })))
    assert(client.delete(suite.ref "w1"))
    assert.same({ "MODIFIED w1", "ADDED w2", "DELETED w1" }, take(watch, 3))
  end)

  it("goes on from a version", function()
    local stored = assert(client.create(config_map("v", { a = "1" })))
    assert(client.patch(stored, { data = { a = "2" } }))
    local watch <close> = assert(client.watch {
      kind = "ConfigMap",
      name = "v",
      resourceVersion = stored.metadata.resourceVersion,
      timeout = 30,
    })
    local ev = watch()
    assert.equal("MODIFIED", ev.type)
    assert.equal("2", ev.object.data.a)
  end)

  it("starts over when the version is too old", function()
    local stored = assert(client.create(config_map "old"))
    local watch <close> = assert(client.watch { kind = "ConfigMap", name = "old", resourceVersion = "1", timeout = 30 })
    local ev = watch()
    assert.equal("ADDED", ev.type)
    assert.equal(stored.metadata.uid, ev.object.metadata.uid)
  end)

  it("shows objects come to and go from a selector", function()
    local stored = assert(client.create(config_map("t", nil, { labels = { pick = "no" } })))
    local watch <close> = assert(client.watch {
      kind = "ConfigMap",
      labelSelector = "pick=yes",
      resourceVersion = stored.metadata.resourceVersion,
      timeout = 30,
    })
    assert(client.patch(stored, { metadata = { labels = { pick = "yes" } } }))
    assert(client.patch(stored, { data = { a = "1" } }))
    assert(client.patch(stored, { metadata = { labels = { pick = "no" } } }))
    assert.same({ "ADDED t", "MODIFIED t", "DELETED t" }, take(watch, 3))
  end)

  it("shows one object by name", function()
    local watch <close> = assert(client.watch { kind = "ConfigMap", name = "only", timeout = 30 })
    assert(client.create(config_map "not-it"))
    assert(client.create(config_map "only"))
    assert.same({ "ADDED only" }, take(watch, 1))
  end)

  it("ends when it is closed", function()
    local watch = assert(client.watch { kind = "ConfigMap", name = "closed" })
    watch:close()
    watch:close()
    assert.is_nil(watch())
  end)

  it("ends for the task that waits when another closes it", function()
    local watch = assert(client.watch { kind = "ConfigMap", name = "closed" })
    local waiting = assert(task.spawn(function()
      return watch() == nil and "ended"
    end))
    task.sleep(0.05)
    watch:close()
    assert.equal("ended", task.join(waiting))
  end)

  it("ends after its time", function()
    local watch <close> = assert(client.watch { kind = "ConfigMap", name = "nobody", timeout = 0.2 })
    assert.is_nil(watch())
  end)

  it("of a kind that is not served fails", function()
    local ok, err = pcall(function()
      local watch = assert(client.watch { kind = "Unicorn", timeout = 30 })
      return watch()
    end)
    assert.is_false(ok)
    assert.equal("not_found", err.code)
  end)

  it("delivers a burst whole and in order", function()
    local watch <close> = assert(client.watch { kind = "Secret", labelSelector = "burst", timeout = 60 })
    for i = 1, 60 do
      assert(client.create {
        apiVersion = "v1",
        kind = "Secret",
        metadata = { name = ("b%03d"):format(i), labels = { burst = "yes" } },
      })
    end
    local seen = take(watch, 60)
    for i = 1, 60 do
      assert.equal(("ADDED b%03d"):format(i), seen[i])
    end
  end)
end)
