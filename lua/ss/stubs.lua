-- LuaCATS stubs of everything that scripts and policy files may call, for lua-language-server and
-- its like: made from the tables of lua/ss/api, which feed `help`, and from the builder's fields.
local api = require("ss.reference")
local fields = require("ss.policy_fields")
local options = require("ss.options")

local M = {}

local HEADER = [[
---@meta
-- The API of sandscript, for lua-language-server. `sandscript init --stubs` writes this file anew.

]]

local function comment(text)
  return "---" .. text:gsub("\n", "\n---") .. "\n"
end

-- --- options ------------------------------------------------------------------------------
local function type_of_option(key, choices)
  if options[key] and options[key].type then
    return options[key].type
  end
  local words = {}
  for i, choice in ipairs(choices or {}) do
    words[i] = ('"%s"'):format(choice)
  end
  return #words > 0 and table.concat(words, "|") or "any"
end

local function options_class(entry, index, class)
  local lines = { "---@class " .. class }
  local keys, choices = api.options(entry.name, index)
  for _, key in ipairs(keys) do
    lines[#lines + 1] = ("---@field %s? %s %s"):format(key, type_of_option(key, choices[key]),
      api.option_summary(key) or "")
  end
  return table.concat(lines, "\n") .. "\n\n"
end

-- --- functions ------------------------------------------------------------------------------
-- "ref k8s.Ref" -> "ref", "k8s.Ref"; the type "options" is the class of this parameter's options.
local function parameter(entry, text)
  local name, type = text:match("^(%S+) (.*)$")
  local class = entry.name .. "." .. name:gsub("%?$", "")
  local replaced
  type, replaced = type:gsub("%f[%w.]options%f[^%w.]", class)
  return name, type, replaced > 0 and class or nil
end

local function describe(entry)
  local text = ("%s(%s)"):format(entry.name, entry.args)
  if entry.returns then
    text = text .. "\n --> " .. entry.returns
  end
  text = text .. "\n\n" .. entry.doc
  if entry.yields then
    text = text .. "\nIt waits: other tasks run meanwhile."
  end
  return entry.example and ("%s\n\n```lua\n%s\n```"):format(text, entry.example) or text
end

local function describe_function(entry)
  local classes, lines, names = {}, {}, {}
  for i, text in ipairs(entry.params or {}) do
    local name, type, class = parameter(entry, text)
    if class then
      classes[#classes + 1] = options_class(entry, i, class)
    end
    names[i] = name:gsub("%?$", "")
    lines[#lines + 1] = ("---@param %s %s\n"):format(name, type)
  end
  for _, text in ipairs(entry.results or {}) do
    lines[#lines + 1] = ("---@return %s\n"):format(text)
  end
  return ("%s%s%sfunction %s(%s) end\n\n"):format(table.concat(classes), comment(describe(entry)),
    table.concat(lines), entry.name, table.concat(names, ", "))
end

local function describe_value(entry)
  return ("%s---@type %s\n%s = nil\n\n"):format(comment(entry.doc), entry.type, entry.name)
end

local function describe_module(module)
  local parts = { ("---@class %s\n%s = {}\n\n"):format(module, module) }
  for _, entry in ipairs(api.entries(module)) do
    parts[#parts + 1] = entry.args and describe_function(entry) or describe_value(entry)
  end
  return table.concat(parts)
end

-- --- fields -------------------------------------------------------------------------------------
-- head: "Adapter: policy.Declared"; is_required(field) overrules what the field says.
local function fields_class(head, list, is_required)
  local lines = { "---@class " .. head }
  for _, field in ipairs(list) do
    local required = field.required
    if is_required then
      required = is_required(field)
    end
    lines[#lines + 1] = ("---@field %s%s %s %s"):format(field.name, required and "" or "?", field.type, field.help)
  end
  return table.concat(lines, "\n") .. "\n"
end

-- What a request may leave to the policy; the rest names one sandbox.
local OF_POLICY = { adapterType = true, image = true }

local function policy_classes()
  return table.concat {
    fields_class("sandbox.Input", fields.of_builder()), "\n",
    fields_class("policy.Input", fields.of_builder(true), function(field)
      return field.required and not OF_POLICY[field.name]
    end), "---@field tenant? string whose overlays apply\n\n",
    fields_class("policy.Declared", fields.declared()), "\n",
  }
end

local function describe_file(constructor, class)
  local file = fields.FILES[constructor]
  return ("%s\n%s---@param fields %s\n---@return %s\nfunction %s(fields) end\n\n"):format(
    fields_class(class .. ": policy.Declared", file.fields),
    comment(("%s %s ends with: return %s { … }"):format(file.help, file.file, constructor)),
    class, class, constructor)
end

--- The whole file.
--- @return string
function M.text()
  local parts = { HEADER, require("ss.stubs.types"), "\n", policy_classes() }
  for _, module in ipairs(api.modules()) do
    parts[#parts + 1] = describe_module(module)
  end
  parts[#parts + 1] = describe_file("adapter", "Adapter")
  parts[#parts + 1] = describe_file("overlay", "Overlay")
  return table.concat(parts)
end

return M
