describe("require", function()
  local names = {}

  -- A module that only preload knows.
  local function module(name, loader)
    names[#names + 1] = name
    package.preload[name] = loader
  end

  after_each(function()
    for i, name in ipairs(names) do
      package.preload[name], package.loaded[name] = nil, nil
      names[i] = nil
    end
  end)

  it("loads once and gives the loader's data", function()
    local loads = 0
    module("t.once", function(name, data)
      loads = loads + 1
      return { name, data }
    end)
    local value, data = require "t.once"
    assert.same({ "t.once", ":preload:" }, value)
    assert.equal(":preload:", data)
    assert.equal(value, (require "t.once"))
    assert.equal(1, loads)
  end)

  it("gives true for a module that returns nothing", function()
    module("t.nothing", function() end)
    assert.is_true((require "t.nothing"))
  end)

  it("lets a module wait, and a second task wait for it", function()
    local loads = 0
    module("t.slow", function()
      loads = loads + 1
      task.sleep(0.01)
      return { loads }
    end)
    local values = task.map({ 1, 2, 3 }, function() return (require "t.slow") end)
    assert.equal(values[1], values[3])
    assert.equal(1, loads)
  end)

  it("raises what the module raises, and loads again", function()
    local thrown = {}
    module("t.bad", function() error(thrown) end)
    for _ = 1, 2 do
      local ok, err = pcall(require, "t.bad")
      assert.is_false(ok)
      assert.equal(thrown, err)
    end
  end)

  it("names a circle", function()
    module("t.a", function() return require "t.b" end)
    module("t.b", function() return require "t.a" end)
    local ok, err = pcall(require, "t.a")
    assert.is_false(ok)
    assert.truthy(err:find("'t.a' is needed while it is being loaded (t.a -> t.b -> t.a)", 1, true))
  end)

  it("names a circle of two tasks", function()
    module("t.left", function() task.sleep(0.005) return require "t.right" end)
    module("t.right", function() task.sleep(0.005) return require "t.left" end)
    local left, right = task.spawn(require, "t.left"), task.spawn(require, "t.right")
    local _, first = task.join(left)
    local _, second = task.join(right)
    assert.truthy(first.message:find("t.left -> t.right -> t.left", 1, true))
    assert.truthy(second.message:find("t.left -> t.right -> t.left", 1, true))
  end)

  it("knows the engine's own modules", function()
    assert.equal(json, require "json")
    assert.is_table(require "ss.api.task")
  end)

  it("says where it looked", function()
    local ok, err = pcall(require, "no.such.module")
    assert.is_false(ok)
    assert.truthy(err:find("module 'no.such.module' not found", 1, true))
  end)

  it("raises for what is no name", function()
    assert.has_error(function() require(1) end)
  end)
end)
