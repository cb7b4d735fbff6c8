-- sandscript help TOPIC: a module of Lua ("k8s") or one of its functions ("k8s.apply"), from the
-- tables of lua/ss/api, or a kind of policy file ("adapter", "overlay"). The prompt's help shows the
-- same texts.
local native = require("ss.native")

local M = {}

local function module_names()
  local names = {}
  for _, name in ipairs(native.embedded()) do
    names[#names + 1] = name:match("^ss%.api%.(%w+)$")
  end
  return names
end

local function indent(text, by)
  local pad = (" "):rep(by or 4)
  return pad .. text:gsub("\n", "\n" .. pad)
end

--- "k8s.get(ref, {timeout=30})"
function M.signature(entry)
  if not entry.args then
    return entry.name
  end
  return ("%s(%s)"):format(entry.name, entry.args)
end

--- All that an entry says.
--- @param entry table of lua/ss/api
--- @return string text without the last newline
function M.describe(entry)
  local lines = { M.signature(entry) }
  if entry.returns then
    lines[#lines + 1] = "    --> " .. entry.returns
  end
  lines[#lines + 1] = indent(entry.doc)
  if entry.yields then
    lines[#lines + 1] = "    It waits: other tasks run meanwhile."
  end
  if entry.example then
    lines[#lines + 1] = "    Example:"
    lines[#lines + 1] = indent(entry.example, 8)
  end
  return table.concat(lines, "\n")
end

local function entries_of(module)
  return require("ss.api." .. module)
end

local function has(list, word)
  for _, item in ipairs(list) do
    if item == word then
      return true
    end
  end
  return false
end

local function print_module(module)
  local texts = {}
  for _, entry in ipairs(entries_of(module)) do
    texts[#texts + 1] = M.describe(entry)
  end
  print(table.concat(texts, "\n\n"))
  return 0
end

local function names_of(module)
  local names = {}
  for _, entry in ipairs(entries_of(module)) do
    names[#names + 1] = entry.name
  end
  return names
end

local function add_fields(lines, list)
  for _, field in ipairs(list) do
    lines[#lines + 1] = ("  %-22s %s%s"):format(field.name, field.help, field.required and " (required)" or "")
  end
end

-- The fields of adapter or overlay files; nil for another topic.
local function describe_file(topic)
  local fields = require("ss.policy_fields")
  local file = fields.FILES[topic]
  if not file then
    return nil
  end
  local lines = { ("return %s { name = value, … }    in %s"):format(topic, file.file), indent(file.help), "" }
  add_fields(lines, file.fields)
  add_fields(lines, fields.declared())
  return table.concat(lines, "\n")
end

local function unknown(topic, near, others)
  native.fail("usage", ("no help on '%s'%s"):format(topic, near and (": did you mean '%s'?"):format(near) or others))
end

--- @param topic string
--- @return integer exit code
function M.main(topic)
  local modules = module_names()
  local module, file = topic:match("^%w+"), describe_file(topic)
  if file then
    print(file)
    return 0
  elseif not module or not has(modules, module) then
    table.move({ "adapter", "overlay" }, 1, 2, #modules + 1, modules)
    unknown(topic, native.suggest(module or topic, modules), "; `sandscript help` lists the commands and modules")
  elseif module == topic then
    return print_module(topic)
  end
  for _, entry in ipairs(entries_of(module)) do
    if entry.name == topic then
      print(M.describe(entry))
      return 0
    end
  end
  local names = names_of(module)
  unknown(topic, native.suggest(topic, names), "; there are: " .. table.concat(names, ", "))
end

return M
