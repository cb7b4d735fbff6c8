local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
local suite = assert(loadfile(here .. "suite.lua", "t", _ENV))()
local config_map, ref, fails = suite.config_map, suite.ref, suite.fails

describe("wait", function()
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

  local function has(value)
    return function(object)
      return object.data and object.data.a == value
    end
  end

  -- Runs fn in a task of its own while the body goes on.
  local function meanwhile(fn)
    return assert(task.spawn(fn))
  end

  it("returns at once for a state that is there", function()
    local stored = assert(client.create(config_map("there", { a = "1" })))
    local object = assert(client.wait(ref "there", { ready = has "1" }))
    assert.equal(stored.metadata.uid, object.metadata.uid)
    assert(client.wait(stored, { ready = has "1" }))
  end)

  it("returns when the state comes", function()
    local stored = assert(client.create(config_map("comes", { a = "1" })))
    local writer = meanwhile(function()
      assert(client.patch(stored, { data = { a = "2" } }))
      assert(client.patch(stored, { data = { a = "3" } }))
    end)
    local object = assert(client.wait(stored, { ready = has "3", timeout = 30 }))
    assert.equal("3", object.data.a)
    task.join(writer)
  end)

  it("waits for an object that is not there", function()
    local writer = meanwhile(function()
      task.sleep(0.2)
      assert(client.create(config_map("late", { a = "1" })))
    end)
    assert.equal("late", assert(client.wait(ref "late", { ready = has "1", timeout = 30 })).metadata.name)
    task.join(writer)
  end)

  it("runs its functions where they may wait", function()
    local stored = assert(client.create(config_map("waiting", { a = "1" })))
    assert(client.wait(stored, {
      ready = function(object)
        return client.get(object).data.a == "1"
      end,
      timeout = 30,
    }))
  end)

  it("raises what its functions raise", function()
    local stored = assert(client.create(config_map("raises", { a = "1" })))
    local ok, err = pcall(client.wait, stored, {
      ready = function()
        error({ mine = true })
      end,
    })
    assert.is_false(ok)
    assert.is_true(err.mine)
  end)

  it("fails by the script's own test, with its reason", function()
    local stored = assert(client.create(config_map("fails", { a = "bad" })))
    local err = fails("failed", client.wait(stored, {
      ready = has "good",
      fail = function(object)
        return object.data.a == "bad" and "a is bad"
      end,
    }))
    assert.equal("a is bad", err.message)
    assert.matches("fails", err.object)
  end)

  it("fails when the object is deleted meanwhile", function()
    local stored = assert(client.create(config_map("doomed", { a = "1" })))
    local writer = meanwhile(function()
      task.sleep(0.1)
      assert(client.delete(stored))
    end)
    fails("failed", client.wait(stored, { ready = has "2", timeout = 30 }))
    task.join(writer)
  end)

  it("times out and can be tried again", function()
    local stored = assert(client.create(config_map("slow", { a = "1" })))
    local err = fails("timeout", client.wait(stored, { ready = has "2", timeout = 0.3 }))
    assert.is_true(err.retryable)
  end)

  it("for the end returns when it is gone, or was never there", function()
    assert.is_true(client.wait(ref "never", { deleted = true, timeout = 30 }))
    local stored = assert(client.create(config_map "ends"))
    local writer = meanwhile(function()
      task.sleep(0.1)
      assert(client.delete(stored))
    end)
    assert.is_true(client.wait(stored, { deleted = true, timeout = 30 }))
    task.join(writer)
  end)

  it("takes another object of the name for the end", function()
    local stored = assert(client.create(config_map "again"))
    assert(client.delete(stored, { wait = true }))
    assert(client.create(config_map "again"))
    assert.is_true(client.wait(stored, { deleted = true, timeout = 30 }))
  end)

  it("can be canceled", function()
    local waiting = meanwhile(function()
      return client.wait(ref "never", { timeout = 30 })
    end)
    task.sleep(0.05)
    task.cancel(waiting)
    local _, err = task.join(waiting)
    assert.equal("canceled", err.code)
  end)
end)
