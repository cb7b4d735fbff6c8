-- What the tables of lua/ss/api say, for help, the prompt and the stubs: entries by name, names of
-- functions, and the keys that the options of a call have.
local _, ss = ...
local native = require("ss.native")
local options = require("ss.options")

local M = {}

local require, rawget, type, ipairs, next = require, rawget, type, ipairs, next

local REF = { "kind", "name", "namespace", "apiVersion" }
local OBJECT = { "apiVersion", "kind", "metadata", "spec" }

local of_field = {} -- the builder's help, by name

-- What policy.build takes: the builder's fields, and whose overlays apply.
local function input_fields()
  local names = {}
  for i, field in ipairs(native.build_fields()) do
    names[i] = field.name
    of_field[field.name] = field.help
  end
  names[#names + 1] = "tenant"
  return names
end

-- Words that stand for a table in the arguments of an entry.
local WORDS = { ref = REF, object = OBJECT, input = input_fields() }

local modules

--- Names of the modules that have help, sorted.
function M.modules()
  if not modules then
    modules = {}
    for _, name in ipairs(native.embedded()) do
      modules[#modules + 1] = name:match("^ss%.api%.(%w+)$")
    end
    table.sort(modules)
  end
  return modules
end

--- @return table[]|nil entries of a module
function M.entries(module)
  for _, name in ipairs(M.modules()) do
    if name == module then
      local entries = require("ss.api." .. module)
      return type(entries) == "table" and entries or nil
    end
  end
end

--- @param name string "k8s.apply"
--- @return table|nil
function M.entry(name)
  for _, entry in ipairs(M.entries(name:match("^[^.:]*")) or {}) do
    if entry.name == name then
      return entry
    end
  end
end

--- What an option, or a field of an argument, is in one line; nil for a name that is neither.
function M.option_summary(key)
  return options[key] and options[key].summary or of_field[key]
end

--- "k8s.apply" for the function of that name, or nil.
function M.name_of(f)
  for _, module in ipairs(M.modules()) do
    local t = rawget(ss, module)
    if type(t) == "table" then
      for key, value in next, t do
        if value == f then
          return module .. "." .. key
        end
      end
    end
  end
end

-- The parts of `text` between commas that are not inside brackets or quotes.
local function split(text)
  local parts, depth, start = {}, 0, 1
  local quoted = false
  for at, c in text:gmatch("()(.)") do
    if c == '"' then
      quoted = not quoted
    elseif not quoted and c:find("[{(]") then
      depth = depth + 1
    elseif not quoted and c:find("[})]") then
      depth = depth - 1
    elseif not quoted and c == "," and depth == 0 then
      parts[#parts + 1] = text:sub(start, at - 1)
      start = at + 1
    end
  end
  parts[#parts + 1] = text:sub(start)
  return parts
end

-- The quoted alternatives that a value may have: 'type="merge" | "json"'.
local function choices(text)
  local list = {}
  for word in text:gmatch('"([^"]*)"') do
    list[#list + 1] = word
  end
  return #list > 1 and list or nil
end

-- Keys of the outermost braces of one argument, added to keys; key -> choices or true.
local function add_keys(argument, keys, order)
  for braces in argument:gmatch("%b{}") do
    for _, part in ipairs(split(braces:sub(2, -2))) do
      local key, value = part:match("^%s*([%a_][%w_]*)%s*=(.*)$")
      if key and keys[key] == nil then
        keys[key] = choices(value) or true
        order[#order + 1] = key
      end
    end
  end
end

--- What may stand in the table that is argument `index` of a function.
--- @return string[] keys in the order of the help
--- @return table choices key -> list of strings, where only those are allowed
function M.options(name, index)
  local entry = M.entry(name)
  local argument = entry and entry.args and split(entry.args)[index]
  local keys, order = {}, {}
  if not argument then
    return order, {}
  end
  for word in argument:gsub("%b{}", " "):gsub('"[^"]*"', " "):gmatch("[%a_]+") do
    for _, key in ipairs(WORDS[word] or {}) do
      if keys[key] == nil then
        keys[key] = true
        order[#order + 1] = key
      end
    end
  end
  add_keys(argument, keys, order)
  for key, value in next, keys do
    if value == true then
      keys[key] = nil
    end
  end
  return order, keys
end

return M
