-- The texts of help, which the prompt and `sandscript help TOPIC` show: commands, modules of Lua ("k8s"),
-- their functions ("k8s.apply"), from the tables of lua/ss/api, and the topics of ss.topics.
local api = require("ss.reference")
local native = require("ss.native")
local topics = require("ss.topics")

local M = {}

local ipairs, table = ipairs, table

-- "k8s.get(ref, {timeout=30})"
local function signature(entry)
  return entry.args and ("%s(%s)"):format(entry.name, (entry.args:gsub("%s+", " "))) or entry.name
end

--- "k8s.get(ref, options?)"
function M.short_signature(entry)
  local names = {}
  for i, parameter in ipairs(entry.params or {}) do
    names[i] = parameter:match("^%S+")
  end
  return entry.args and ("%s(%s)"):format(entry.name, table.concat(names, ", ")) or entry.name
end

-- The options of a function, each once.
local function options_of(entry)
  local rows, seen = {}, {}
  for i, parameter in ipairs(entry.params or {}) do
    for _, key in ipairs(parameter:find("%f[%w]options%f[^%w]") and api.options(entry.name, i) or {}) do
      if not seen[key] then
        seen[key] = true
        rows[#rows + 1] = { key, api.option_summary(key) }
      end
    end
  end
  return rows
end

--- All that an entry says.
--- @param entry table of lua/ss/api
--- @return string text without the last newline
function M.describe(entry)
  local lines = { (native.fill(signature(entry), 4):gsub("^ +", "")) }
  if entry.returns then
    lines[#lines + 1] = native.fill(entry.returns, 8, "    --> ")
  end
  lines[#lines + 1] = native.fill(entry.doc, 4)
  if entry.yields then
    lines[#lines + 1] = "    It waits: other tasks run meanwhile."
  end
  local options = options_of(entry)
  if #options > 0 then
    lines[#lines + 1] = "    Options:\n" .. topics.rows(options, 8)
  end
  if entry.example then
    lines[#lines + 1] = "    Example:\n        " .. entry.example:gsub("\n", "\n        ")
  end
  return table.concat(lines, "\n")
end

-- The functions of a module.
local function describe_module(module, at_prompt)
  local entries, rows = api.entries(module), {}
  for i, entry in ipairs(entries) do
    rows[i] = { M.short_signature(entry), entry.summary }
  end
  return ("%s: %s\n%s\n\n%s says more of a function."):format(module, entries.summary, topics.rows(rows),
    (at_prompt and "?%s" or "`sandscript help %s`"):format(entries[1].name))
end

local function is_command(name)
  for _, command in ipairs(native.commands()) do
    if command.name == name then
      return true
    end
  end
  return false
end

--- What help says of a name. One that is a command and a module has both, what is nearer first.
--- @param name string
--- @param at_prompt? boolean
--- @return string|nil text without the last newline
function M.text(name, at_prompt)
  local entry, text = api.entry(name), topics.text(name)
  if entry or text then
    return entry and M.describe(entry) or text
  end
  local module = api.entries(name) and describe_module(name, at_prompt)
  local command = is_command(name) and native.command_help(name):gsub("\n$", "")
  if module and command then
    return at_prompt and ("%s\n\nThe command:\n\n%s"):format(module, command)
      or ("%s\n\nIn scripts and at the prompt:\n\n%s"):format(command, module)
  end
  return module or command or nil
end

--- Everything that has a text, but for the functions.
function M.names()
  local names = api.modules()
  names = table.move(names, 1, #names, 1, {})
  for _, list in ipairs { topics.list(), native.commands() } do
    for _, item in ipairs(list) do
      names[#names + 1] = item.name
    end
  end
  return names
end

--- The name that is likely meant, or nil; and the names it was looked for among, of a module's function.
function M.suggest(name)
  local entries, names = api.entries(name:match("^([%w_]+)[.:]") or ""), nil
  for i, entry in ipairs(entries or {}) do
    names = names or {}
    names[i] = entry.name
  end
  return native.suggest(name, names or M.names()), names
end

--- sandscript help TOPIC
--- @param topic string
--- @return integer exit code
function M.main(topic)
  local text = M.text(topic)
  if text then
    print(text)
    return 0
  end
  local near, names = M.suggest(topic)
  native.fail("usage", ("no help on '%s'%s"):format(topic, near and (": did you mean '%s'?"):format(near)
    or names and "; there are: " .. table.concat(names, ", ")
    or "; `sandscript help topics` lists what there is"))
end

return M
