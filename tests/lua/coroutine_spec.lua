describe("coroutine", function()
  it("lets a wait inside travel to the task", function()
    local co = coroutine.wrap(function(a)
      task.sleep(0.001)
      local b = coroutine.yield(a + 1)
      task.sleep(0.001)
      return b, "end"
    end)
    assert.equal(2, co(1))
    assert.same({ "x", "end" }, { co("x") })
  end)

  it("works as an iterator that waits", function()
    local sum = 0
    for v in coroutine.wrap(function()
      for i = 1, 3 do
        task.sleep(0)
        coroutine.yield(i)
      end
    end) do
      sum = sum + v
    end
    assert.equal(6, sum)
  end)

  it("works nested", function()
    local function deep(n)
      if n == 0 then
        return task.sleep(0)
      end
      return select(2, coroutine.resume(coroutine.create(deep), n - 1))
    end
    assert.is_true(deep(10))
  end)

  it("behaves as in stock Lua without waits", function()
    local co = coroutine.create(function(a, b)
      local c = coroutine.yield(a + b)
      error({ c })
    end)
    assert.same({ true, 3 }, { coroutine.resume(co, 1, 2) })
    assert.equal("suspended", coroutine.status(co))
    local ok, err = coroutine.resume(co, "x")
    assert.is_false(ok)
    assert.same({ "x" }, err)
    assert.equal("dead", coroutine.status(co))
    assert.same({ false, "cannot resume dead coroutine" }, { coroutine.resume(co) })
    assert.has_error(function() coroutine.wrap(error)("e") end)
    assert.is_true(coroutine.close(coroutine.create(print)))
  end)

  it("keeps what waits from being resumed or closed", function()
    local co = coroutine.create(function() return task.sleep(0.02) end)
    local t = task.spawn(coroutine.resume, co)
    task.sleep(0.001)
    assert.equal("normal", coroutine.status(co))
    assert.is_false((coroutine.resume(co)))
    assert.is_false((pcall(coroutine.close, co)))
    assert.same({ true, true }, { task.join(t) })
  end)

  it("has nothing to yield to in a task", function()
    local _, err = task.join(task.spawn(function() coroutine.yield(1) end))
    assert.truthy(err.message:find("attempt to yield from outside a coroutine", 1, true))
  end)
end)
