-- The tables of lua/ss/api: everything in them has a summary that somebody wrote.
local api = require("ss.reference")
local options = require("ss.options")

local WIDTH = 72

-- Letters and digits alone, in lower case.
local function letters(text)
  return (text:gsub("[^%w]", ""):lower())
end

local function check(name, summary, doc)
  assert.is_string(summary, name .. " has no summary")
  assert.is_true(utf8.len(summary) <= WIDTH, name .. ": " .. summary)
  assert.is_true(#summary >= 5, name .. ": " .. summary)
  assert.is_nil(summary:find("\n"), name)
  assert.is_nil(summary:find("[.:;,…]$"), name .. ": a summary is no sentence")
  if doc then
    local of_doc = letters(doc):sub(1, #letters(summary))
    assert.not_equal(of_doc, letters(summary), name .. ": its summary is what its text begins with")
  end
end

describe("the reference", function()
  it("has a summary of every module and every entry", function()
    for _, module in ipairs(api.modules()) do
      local entries = assert(api.entries(module))
      check(module, entries.summary)
      for _, entry in ipairs(entries) do
        check(entry.name, entry.summary, entry.doc)
        for line in entry.example:gmatch("[^\n]+") do
          assert.is_true(utf8.len(line) <= WIDTH, entry.name .. ": " .. line)
        end
      end
    end
  end)

  it("has a summary of every option that a call takes", function()
    local seen = {}
    for _, module in ipairs(api.modules()) do
      for _, entry in ipairs(api.entries(module)) do
        for i, parameter in ipairs(entry.params or {}) do
          for _, key in ipairs(parameter:find("%f[%w]options%f[^%w]") and api.options(entry.name, i) or {}) do
            check(("%s, option %s"):format(entry.name, key), api.option_summary(key))
            seen[key] = true
          end
        end
      end
    end
    assert.is_true(seen.force and seen.tenant and seen.width)
    for key, option in pairs(options) do
      check(key, option.summary)
    end
  end)

  it("has a summary of every field of a request and of a reference", function()
    for _, call in ipairs { "policy.build", "sandbox.build", "k8s.get", "k8s.apply" } do
      for i = 1, 2 do
        for _, key in ipairs(api.options(call, i)) do
          check(call .. ": " .. key, api.option_summary(key))
        end
      end
    end
  end)
end)
