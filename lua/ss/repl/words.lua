-- Words that complete what is no Lua: arguments of `:` commands, topics of the help, files.
local _, ss = ...
local api = require("ss.reference")
local native = require("ss.native")

local M = {}

local ipairs, next, require, table, tostring = ipairs, next, require, table, tostring

-- Offered until the cluster has said which kinds it serves.
local KINDS = {
  "ConfigMap", "Event", "Job", "LimitRange", "Namespace", "NetworkPolicy", "Pod", "ResourceQuota", "Role",
  "RoleBinding", "Sandbox", "Secret", "ServiceAccount",
}
local MAX_FILES = 5000

function M.kinds(session, result)
  local list = session.cache:kinds()
  if list.words then
    result:add_cached(list, "kinds")
  else
    result:add_all(KINDS)
  end
end

-- The files of the folder that a path begins with. The candidates replace its last part.
--- @return integer  how many bytes of the word stay as they are
function M.files(result)
  local folder, name = result.prefix:match("^(.*/)([^/]*)$")
  folder, name = folder or "", name or result.prefix
  result.prefix = name
  local names = ss.fs.list(folder == "" and "." or folder) or {}
  local last
  for i = 1, math.min(#names, MAX_FILES) do
    local hidden = names[i]:find("^%.") and not name:find("^%.")
    if not hidden and names[i]:sub(1, #name) == name then
      result:add(names[i])
      last = names[i]
    end
  end
  -- A folder goes on, where it is the only one that is meant.
  if last and next(result.found, (next(result.found))) == nil and ss.fs.list(folder .. last) then
    result.found = { [last .. "/"] = "" }
  end
  return #folder
end

--- What `?` and `help` know.
function M.topics(result)
  for _, module in ipairs(api.modules()) do
    local entries = api.entries(module) or {}
    result:add(module, nil, entries.summary)
    for _, entry in ipairs(entries) do
      result:add(entry.name, nil, entry.summary)
    end
  end
  for _, list in ipairs { native.commands(), require("ss.topics").list() } do
    for _, item in ipairs(list) do
      result:add(item.name, nil, item.summary)
    end
  end
  for _, command in ipairs(require("ss.repl.commands").list) do
    result:add(":" .. command.name, nil, command.summary)
  end
end

local function generations(result)
  local history = ss.policy.history and ss.policy.history()
  for _, generation in ipairs(history or {}) do
    result:add(tostring(generation.generation))
  end
end

-- What may stand behind a command: fn(session, result, words before).
local arguments = {
  context = function(session, result, before)
    if #before == 0 then
      result:add_cached(session.cache:contexts(), "contexts")
      result:add("embedded")
    end
  end,
  namespace = function(session, result, before)
    if #before == 0 then
      result:add_cached(session.cache:namespaces(), "namespaces")
    end
  end,
  watch = function(session, result, before)
    if #before == 0 then
      M.kinds(session, result)
    elseif #before == 1 then
      result:add_cached(session.cache:names(before[1]), "names of " .. before[1])
    end
    result:add("-A")
  end,
  policy = function(session, result, before)
    if #before == 0 then
      result:add_all(require("ss.repl.policy").COMMANDS)
    elseif before[1] == "live" then
      result:add_cached(session.cache:adapters(), "adapters")
      result:add("-A")
    elseif before[1] == "diff" or before[1] == "rollback" then
      generations(result)
    end
  end,
  edit = function(session, result, before)
    if #before > 0 then
      return nil
    elseif not result.prefix:find("[/.]") then
      result:add_cached(session.cache:adapters(), "adapters")
    end
    return M.files(result)
  end,
  load = function(_, result, before)
    return #before == 0 and M.files(result) or nil
  end,
  save = function(_, result, before)
    return #before == 0 and M.files(result) or nil
  end,
  out = function(_, result, before)
    if #before == 0 then
      result:add_all(require("ss.repl.print").FORMATS)
    end
  end,
  jobs = function(session, result, before)
    if #before == 0 then
      result:add("stop")
    elseif #before == 1 and before[1] == "stop" then
      for id in next, session.jobs.running do
        result:add(tostring(id))
      end
    end
  end,
  time = function(_, result, before)
    if #before == 0 then
      result:add_all { "on", "off" }
    end
  end,
  trace = function(_, result, before)
    result:add_all(#before == 0 and { "http" } or #before == 1 and { "on", "off" } or nil)
  end,
  help = function(_, result, before)
    if #before == 0 then
      M.topics(result)
    end
  end,
  example = function(_, result, before)
    if #before == 0 then
      for _, name in ipairs(require("ss.repl.help").with_example()) do
        result:add(name)
      end
    end
  end,
}

--- @param before string  the line from the colon to the word that is completed
--- @return integer|nil  how many bytes of the word stay as they are
function M.command(session, result, before)
  local commands = require("ss.repl.commands")
  local list = {}
  for word in before:gmatch("%S+") do
    list[#list + 1] = word
  end
  local name = table.remove(list, 1)
  if not name then
    for _, command in ipairs(commands.list) do
      result:add(command.name, command.arguments ~= "" and " " or "", command.summary)
    end
    return nil
  end
  local command = commands.find(name)
  local add = command and arguments[command.name]
  return add and add(session, result, list)
end

return M
