describe("task", function()
  local function now()
    return require "system".monotime()
  end

  it("runs tasks beside each other", function()
    local order = {}
    local function run(name, seconds)
      task.sleep(seconds)
      order[#order + 1] = name
      return name, seconds
    end
    local a, b = task.spawn(run, "a", 0.03), task.spawn(run, "b", 0.001)
    assert.same({ "a", 0.03 }, { task.join(a) })
    assert.same({ "b", 0.001 }, { task.join(b) })
    assert.same({ "a", 0.03 }, { task.join(a) })
    assert.same({ "b", "a" }, order)
  end)

  it("starts a task in a later turn", function()
    local started
    local t = task.spawn(function() started = true end)
    assert.is_nil(started)
    task.join(t)
    assert.is_true(started)
  end)

  describe("join", function()
    it("returns what was raised", function()
      local value, err = task.join(task.spawn(error, "boom"))
      assert.is_nil(value)
      assert.equal("script", err.code)
      assert.equal("boom", err.message)
      local thrown = select(2, json.decode("{"))
      assert.equal(thrown, select(2, task.join(task.spawn(error, thrown))))
      assert.same({ 1 }, select(2, task.join(task.spawn(error, { 1 }))).cause)
    end)

    it("raises for what is no task", function()
      for _, value in ipairs { 1, "x", {}, io.stdout } do
        assert.has_error(function() task.join(value) end)
      end
    end)
  end)

  describe("cancel", function()
    it("ends the wait, and every later one", function()
      local t = task.spawn(function()
        local _, first = task.sleep(60)
        local _, second = task.sleep(60)
        return first.code, second.code
      end)
      task.sleep(0)
      task.cancel(t)
      assert.same({ "canceled", "canceled" }, { task.join(t) })
    end)

    it("lets assert raise the reason", function()
      local t = task.spawn(function() _G.assert(task.sleep(60)) end)
      task.sleep(0)
      task.cancel(t)
      assert.equal("canceled", select(2, task.join(t)).code)
    end)

    it("runs __close handlers, which may not wait", function()
      local closed
      local t = task.spawn(function()
        local _ <close> = setmetatable({}, { __close = function()
          closed = select(2, task.sleep(1)).code
        end })
        assert(task.sleep(60))
      end)
      task.sleep(0)
      task.cancel(t)
      task.join(t)
      assert.equal("canceled", closed)
    end)
  end)

  describe("map", function()
    it("keeps positions", function()
      assert.same({ 30, 10, 20 }, task.map({ 3, 1, 2 }, function(x)
        task.sleep(x / 1000)
        return x * 10
      end))
      assert.same({}, task.map({}, error))
      assert.same({ 1, 2 }, task.map({ "a", "b" }, function(_, i) return i end))
    end)

    it("runs at most width at a time", function()
      local running, most = 0, 0
      local list = {}
      for i = 1, 20 do list[i] = i end
      task.map(list, function()
        running = running + 1
        most = math.max(most, running)
        task.sleep(0.001)
        running = running - 1
      end, { width = 3 })
      assert.equal(3, most)
    end)

    it("raises what the first failing one raised, and cancels the rest", function()
      local canceled, begun = 0, 0
      local thrown = { "mine" }
      local ok, err = pcall(task.map, { 1, 2, 3, 4, 5 }, function(x)
        begun = begun + 1
        if x == 2 then
          task.sleep(0.001)
          error(thrown)
        end
        if not task.sleep(60) then
          canceled = canceled + 1
        end
      end, { width = 3 })
      assert.is_false(ok)
      assert.equal(thrown, err)
      assert.equal(2, canceled)
      assert.equal(3, begun)
    end)

    it("is cancelled with its caller", function()
      local ended = 0
      local t = task.spawn(function()
        return task.map({ 1, 2 }, function()
          task.sleep(60)
          ended = ended + 1
        end)
      end)
      task.sleep(0.001)
      task.cancel(t)
      assert.equal("canceled", select(2, task.join(t)).code)
      task.sleep(0.01)
      assert.equal(2, ended)
    end)

    it("raises for wrong arguments, at the caller's line", function()
      for _, arguments in ipairs { { 1, print }, { {}, 1 }, { {}, print, 1 }, { {}, print, { wide = 1 } },
        { {}, print, { width = 0 } } } do
        local ok, message = pcall(function() task.map(table.unpack(arguments)) end)
        assert.is_false(ok)
        assert.truthy(message:find("task_spec.lua:%d+: task.map: "))
      end
    end)
  end)

  describe("timeout", function()
    it("returns what fn returns", function()
      assert.same({ 1, "x" }, { task.timeout(5, function(...) task.sleep(0) return ... end, 1, "x") })
    end)

    it("ends a wait, a loop, and a wait whose end is ignored", function()
      for _, fn in ipairs {
        function() assert(task.sleep(60)) end,
        function() while true do end end,
        function() while true do pcall(function() while true do end end) end end,
        function() task.sleep(60) return "late" end,
        function() task.timeout(50, task.sleep, 60) return "late" end,
      } do
        local start = now()
        local value, err = task.timeout(0.02, fn)
        assert.is_nil(value)
        assert.equal("timeout", err.code)
        assert.is_true(now() - start < 1)
      end
    end)

    it("raises what fn raises", function()
      local thrown = {}
      local ok, err = pcall(task.timeout, 5, function() task.sleep(0) error(thrown) end)
      assert.is_false(ok)
      assert.equal(thrown, err)
    end)

    it("raises for wrong arguments", function()
      assert.has_error(function() task.timeout(0, print) end)
      assert.has_error(function() task.timeout("x", print) end)
      assert.has_error(function() task.timeout(1) end)
    end)
  end)

  it("cannot sleep for less than no time", function()
    assert.has_error(function() task.sleep(-1) end)
    assert.has_error(function() task.sleep("soon") end)
    assert.has_error(function() task.sleep(0 / 0) end)
    assert.is_true(task.sleep(0))
  end)

  it("says where it cannot wait", function()
    local ok, message = pcall(table.sort, { 2, 1 }, function(a, b)
      task.sleep(0)
      return a < b
    end)
    assert.is_false(ok)
    assert.truthy(message:find("cannot wait here", 1, true))
  end)
end)
