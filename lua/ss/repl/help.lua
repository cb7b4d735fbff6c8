-- ?name, ??name, help(), :help NAME and :example NAME. The texts are those of `sandscript help`.
local _, ss = ...
local api = require("ss.reference")
local cursor = require("ss.repl.cursor")
local help = require("ss.help")
local native = require("ss.native")
local topics = require("ss.topics")
local values = require("ss.repl.value")

local M = {}

local debug, ipairs, require, table, tostring, type = debug, ipairs, require, table, tostring, type

local MAX_SOURCE_LINES = 400

local function fail(session, message)
  session:report_error(message)
  return 1
end

-- Text of the engine's own: it has no controls, and its lines stay.
local function show(session, text)
  session:write(text .. "\n")
  return 0
end

-- --- what there is ---------------------------------------------------------------------

local function overview(session)
  return show(session, table.concat({
    native.fill(table.concat(api.modules(), ", "), 11, "Modules:"),
    native.fill(table.concat(topics.names(), ", "), 11, "Topics:"),
    "",
    topics.rows({
      { "?k8s", "the functions of a module" },
      { "?k8s.apply", "one of them, with an example" },
      { "??name", "the source of a function" },
      { 'help "keys"', "a topic; help \"topics\" lists all, the commands of sandscript as well" },
      { ":help", "the commands of the prompt" },
      { "tutorial()", "a tour on a cluster of its own" },
    }, 0),
  }, "\n"))
end

local function command_text(name)
  for _, command in ipairs(require("ss.repl.commands").list) do
    if command.name == name then
      return (":%s %s"):format(command.name, command.arguments):gsub("%s+$", "") .. "\n"
        .. native.fill(command.summary, 4)
    end
  end
end

local function suggest(name)
  if not name:find("^:") then
    return (help.suggest(name))
  end
  local among = {}
  for i, command in ipairs(require("ss.repl.commands").names()) do
    among[i] = ":" .. command
  end
  return native.suggest(name, among)
end

-- --- values ------------------------------------------------------------------------------------

-- The chain of keys that a text is, and its value.
local function resolve(text)
  local here = text ~= "" and cursor.at(text .. ".")
  if here and here.of then
    return values.of(here.of, #here.of)
  end
end

local function place_of(info)
  local module = info.source:match("^=(ss%.[%w_.]+)$")
  if module then
    return ("lua/%s.lua:%d"):format(module:gsub("%.", "/"), info.linedefined)
  end
  return ("%s:%d"):format(info.short_src, info.linedefined)
end

local function lines_between(text, first, last)
  local lines, n = {}, 0
  for line in (text .. "\n"):gmatch("(.-)\n") do
    n = n + 1
    if n >= first and n <= last and #lines < MAX_SOURCE_LINES then
      lines[#lines + 1] = line:gsub("[^\t]+", native.escape)
    end
  end
  if last - first >= MAX_SOURCE_LINES then
    lines[#lines + 1] = ("… %d more lines"):format(last - first + 1 - MAX_SOURCE_LINES)
  end
  return table.concat(lines, "\n")
end

-- The text of the chunk that a function stands in, and why there is none.
local function text_of_chunk(session, source)
  local module, file = source:match("^=(ss%.[%w_.]+)$"), source:match("^@(.*)$")
  if module then
    return native.source(module)
  elseif file then
    local text, err = ss.fs.read(file)
    return text, err and tostring(err)
  end
  return session:block_of(source), "its text has not been kept"
end

local function describe_function(session, f)
  local name = api.name_of(f)
  if name and api.entry(name) then
    return help.describe(api.entry(name))
  end
  local info = debug.getinfo(f, "S")
  if info.what == "C" then
    return "a function written in C" .. (name and ": " .. name or "")
  end
  local text = text_of_chunk(session, info.source)
  local head = text and lines_between(text, info.linedefined, info.linedefined) or ""
  local parameters = head:match("function%s*[%w_.:]*%s*(%b())") or "(…)"
  return ("function%s, %s; ?? shows it"):format(parameters, place_of(info))
end

local function describe_value(session, v)
  if type(v) == "function" then
    return show(session, describe_function(session, v))
  end
  local module = values.module_of(v)
  if module and api.entries(module) then
    return show(session, help.text(module, true))
  end
  session:say("a " .. type(v) .. ":")
  session:show(table.pack(v))
  return 0
end

-- --- sources -----------------------------------------------------------------------------------

local function show_source(session, f)
  local original = session.guard and session.guard:original(f) or f
  local info = debug.getinfo(original, "S")
  if info.what == "C" then
    local name = api.name_of(f)
    return fail(session, (name or "it") .. " is written in C; " .. (name and "?" .. name .. " has its help"
      or "there is no Lua text of it"))
  end
  local text, err = text_of_chunk(session, info.source)
  if not text then
    return fail(session, ("%s: %s"):format(place_of(info), tostring(err)))
  end
  session:note(place_of(info))
  return show(session, lines_between(text, math.max(1, info.linedefined), info.lastlinedefined))
end

-- The file of an adapter, by its name.
local function show_adapter(session, name)
  local adapter = name:find("^[%w_-]+$") and ss.policy.get(name)
  local text = adapter and ss.fs.read(adapter.file)
  if not text then
    return nil
  end
  session:note(adapter.file)
  return show(session, lines_between(text, 1, math.maxinteger // 2):gsub("\n$", ""))
end

local function source(session, name)
  local v = resolve(name)
  if type(v) == "function" then
    return show_source(session, v)
  end
  local shown = show_adapter(session, name)
  if shown then
    return shown
  elseif v == nil then
    return fail(session, ("there is no function and no adapter '%s'"):format(name))
  end
  return fail(session, ("%s is a %s; ?? shows the text of functions and adapters"):format(name, type(v)))
end

-- --- the ways in -------------------------------------------------------------------------------------

-- "k8s.apply" of "k8s.apply{kind=3}".
local function bare(name)
  return (name:gsub("%s*[({].*$", ""))
end

-- Is it a name of ours, whatever a variable may be called?
local function is_api(name)
  return api.entries(name) ~= nil or api.entry(name) ~= nil
end

-- of_value: a variable of this name is meant rather than a topic or a command.
local function topic(session, name, of_value)
  local v = resolve(name)
  local text = command_text(name:match("^:(%w+)$") or "") or help.text(name, true)
  if text and not (of_value and v ~= nil and not is_api(name)) then
    return show(session, text)
  elseif v ~= nil then
    return describe_value(session, v)
  end
  local near = suggest(name)
  return fail(session, ("no help on '%s'%s"):format(name,
    near and (": did you mean '%s'?"):format(near) or "; help() says what there is"))
end

--- The lines ?NAME and ??NAME.
--- @param sign string "?" or "??"
function M.query(session, sign, name)
  name = bare(name)
  if name == "" then
    return overview(session)
  elseif sign == "??" then
    return source(session, name)
  end
  return topic(session, name, true)
end

--- help(), help "topic" and :help topic, help(k8s.apply), help(value).
function M.help(session, given, v)
  if not given then
    return overview(session)
  elseif type(v) == "string" then
    return topic(session, bare(v))
  end
  return describe_value(session, v)
end

--- Names of the functions that have an example.
function M.with_example()
  local names = {}
  for _, module in ipairs(api.modules()) do
    for _, entry in ipairs(api.entries(module) or {}) do
      names[#names + 1] = entry.example and entry.name
    end
  end
  return names
end

--- :example NAME
function M.example(session, name)
  local entry = api.entry(name)
  if not entry or not entry.example then
    local near = name ~= "" and native.suggest(name, M.with_example())
    return fail(session, name == "" and ":example NAME, of a function (?k8s lists some)"
      or ("there is no example of '%s'%s"):format(name, near and (": did you mean '%s'?"):format(near) or ""))
  end
  show(session, session.style("note", entry.example))
  return session:run_text(entry.example)
end

return M
