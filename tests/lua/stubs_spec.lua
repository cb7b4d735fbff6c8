-- luacheck: read globals temp_folder
-- The stubs for editors (ss.stubs): they are Lua, say all that is there and nothing else, and
-- every type they speak of is defined.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()
local api = require("ss.reference")
local stubs = require("ss.stubs").text()

local function functions_of(t)
  local names = {}
  for key in pairs(t) do
    names[#names + 1] = key
  end
  table.sort(names)
  return names
end

-- Each class with its lines.
local function classes()
  local found, class = {}, nil
  for line in stubs:gmatch("[^\n]*") do
    class = line:match("^%-%-%-@class ([%w.]+)") or line:find("^%-%-%-@field") and class or nil
    if class then
      found[class] = found[class] or {}
      table.insert(found[class], line)
    end
  end
  return found
end

describe("the stubs", function()
  it("are a meta file, and Lua", function()
    assert.matches("^%-%-%-@meta\n", stubs)
    assert(load(stubs, "=stubs", "t", {}))
  end)

  it("have every function of every module, and no other", function()
    local stubbed = {}
    assert(load(stubs, "=stubs", "t", stubbed))()
    local modules = api.modules()
    assert.is_true(#modules >= 9, #modules)
    for _, module in ipairs(modules) do
      local real = {}
      for key, value in pairs(require(module)) do
        -- A value whose stub is nil leaves no trace in the table.
        real[key] = type(value) == "function" and value or nil
      end
      -- Some functions are Lua, and move to the module on first use.
      local has_lua, in_lua = pcall(require, "ss." .. module)
      for key in pairs(has_lua and in_lua or {}) do
        real[key] = require(module)[key]
      end
      assert.same(functions_of(real), functions_of(stubbed[module]), module)
      stubbed[module] = nil
    end
    assert.same({ "adapter", "overlay" }, functions_of(stubbed))
  end)

  it("have every value that is no function", function()
    for _, module in ipairs(api.modules()) do
      for key, value in pairs(require(module)) do
        if type(value) ~= "function" then
          assert.matches(("\n---@type %%w+\n%s.%s = nil\n"):format(module, key), stubs)
        end
      end
    end
  end)

  it("give each parameter and each result a type", function()
    for _, module in ipairs(api.modules()) do
      for _, entry in ipairs(api.entries(module)) do
        if entry.args then
          local plain = entry.args:gsub("%b{}", "")
          local _, commas = plain:gsub(",", "")
          local n = entry.args == "" and 0 or commas + 1
          assert.equal(n, #(entry.params or {}), entry.name .. ": args and params")
          assert.equal(entry.returns ~= nil, #(entry.results or {}) > 0, entry.name .. ": returns and results")
        else
          assert.is_string(entry.type, entry.name)
        end
      end
    end
  end)

  it("give each option a type", function()
    for class, lines in pairs(classes()) do
      if class:find("%..*%.") then
        assert.is_true(#lines > 1, class .. " has no options: its argument shows none")
        for _, line in ipairs(lines) do
          assert.is_nil(line:match("^%-%-%-@field (%S+) any"), class .. ": add it to ss.options")
        end
      end
    end
  end)

  it("define each type that they name", function()
    local defined = {}
    for name in stubs:gmatch("%-%-%-@class ([%w.]+)") do
      defined[name] = true
    end
    for name in stubs:gmatch("%-%-%-@alias ([%w.]+)") do
      defined[name] = true
    end
    for tag, text in stubs:gmatch("\n%-%-%-@(%w+) ([^\n]*)") do
      local type = tag == "field" and text:match("^%S+ (%S+)") or tag == "param" and text:match("^%S+ (.*)")
        or tag == "return" and text:match("^(%S+)") or tag == "alias" and text:match("^%S+ (.*)") or ""
      for name in type:gsub('"[^"]*"', ""):gmatch("%f[%w.]%l[%w]*%.[%w.]*%w") do
        assert.is_true(defined[name], name .. " is not defined: " .. text)
      end
    end
  end)

  -- What the class of a policy file says it may hold, all of the wrong type.
  local function everything(class, constructor)
    local names, lines = {}, { ("return %s {"):format(constructor) }
    for _, part in ipairs { "policy.Declared", class } do
      for _, line in ipairs(classes()[part]) do
        names[#names + 1] = line:match("^%-%-%-@field ([%w]+)")
      end
    end
    for _, name in ipairs(names) do
      lines[#lines + 1] = ("  %s = 1,"):format(name)
    end
    assert.is_true(#names > 20, #names)
    return table.concat(lines, "\n") .. "\n}\n", names
  end

  it("say of policy files what check accepts", function()
    for class, kind in pairs { Adapter = "adapter", Overlay = "overlay" } do
      local place = cli.place(temp_folder())
      local file = kind == "adapter" and "policy/adapters/all.lua" or "policy/local.d/all.lua"
      place:write("policy/adapters/plain.lua", "return adapter { name = 'plain', image = 'x:1' }\n")
      place:write(file, (everything(class, kind)))
      local out = place:run({ "check", "policy" }).out
      assert.matches(kind == "adapter" and "name must be a string" or "adapter must name", out, 1, true)
      assert.is_nil(out:find("unknown field", 1, true), out)
      assert.is_nil(out:find("belongs to one run", 1, true), out)
      for field in pairs { namespace = 1, sandboxName = 1, envSecretName = 1, adapterType = 1 } do
        place:write(file, ("return %s {\n  %s = 'x' }\n"):format(kind, field))
        out = place:run({ "check", "policy" }).out
        local refused = out:find(field .. ": ", 1, true) and (out:find("belongs to one run", 1, true)
          or out:find("unknown field", 1, true))
        assert.is_truthy(refused, field .. "\n" .. out)
      end
    end
  end)

  it("leave out of policy files what a request brings, and nothing else", function()
    local _, names = everything("Adapter", "adapter")
    local known = {}
    for _, name in ipairs(names) do
      known[name] = true
    end
    local missing = {}
    for name in stubs:match("%-%-%-@class sandbox%.Input\n(.-)\n\n"):gmatch("@field (%w+)") do
      missing[#missing + 1] = not known[name] and name or nil
    end
    table.sort(missing)
    assert.same({ "adapterType", "envSecretName", "namespace", "sandboxName" }, missing)
  end)
end)
