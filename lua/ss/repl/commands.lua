-- Lines that begin with a colon. Adding one: an entry here with name, arguments, what it does and
-- run(session, rest, words); what completes its arguments is in ss.repl.complete.
local native = require("ss.native")

local M = {}

local ipairs, require, table = ipairs, require, table

local function in_file(module, name)
  return function(...)
    return require("ss.repl." .. module)[name](...)
  end
end

-- "on", "off", or a switch.
local function on_off(session, word, was)
  if word == "on" or word == "off" then
    return word == "on"
  elseif not word then
    return not was
  end
  session:report_error(("'%s' is neither on nor off"):format(word))
end

local function set_format(session, rest)
  local formats = require("ss.repl.print").FORMATS
  for _, format in ipairs(formats) do
    if format == rest then
      session.format = format
      return 0
    end
  end
  if rest == "" then
    session:say(("%s (of %s)"):format(session.format, table.concat(formats, ", ")))
    return 0
  end
  session:report_error(("there is no format '%s'; there are %s"):format(rest, table.concat(formats, ", ")))
  return 1
end

local function set_time(session, _, words)
  local on = on_off(session, words[1], session.timing)
  if on == nil then
    return 1
  end
  session.timing = on
  session:say(on and "each input says how long it took" or "times are off")
  return 0
end

local function set_trace(session, _, words)
  if words[1] and words[1] ~= "http" then
    session:report_error(("there is no trace of '%s', only of http"):format(words[1]))
    return 1
  end
  local on = on_off(session, words[2], session.tracing)
  if on == nil then
    return 1
  end
  native.trace(on)
  session.tracing = on
  session:say(on and "each request is shown as it ends" or "requests are not shown")
  return 0
end

local function list_jobs(session)
  local rows = session.jobs:rows()
  if #rows == 1 then
    session:say("no jobs; task.spawn(fn) and :watch KIND start one")
  else
    session:write(require("ss.table").rows(rows) .. "\n")
  end
  return 0
end

local function jobs(session, rest, words)
  if rest == "" then
    return list_jobs(session)
  end
  local id = words[1] == "stop" and math.tointeger(tonumber(words[2]))
  if not id then
    session:report_error(":jobs, or :jobs stop ID")
    return 1
  elseif not session.jobs:stop(id) then
    session:report_error(("no job %d is running"):format(id))
    return 1
  end
  session:say(("job %d stops"):format(id))
  return 0
end

local function print_all(session)
  if not session.last then
    session:say("nothing has been printed yet")
    return 0
  end
  local text = require("ss.repl.print").results(session.last, session:print_options(true))
  session:write((text or "") .. "\n")
  return 0
end

local function quit(session, _, words)
  local code = math.tointeger(tonumber(words[1] or 0))
  if not code then
    session:report_error((":quit takes an exit code, not '%s'"):format(words[1]))
    return 1
  end
  return code, true
end

local function help(session, rest)
  if rest ~= "" then
    return require("ss.repl.help").help(session, true, rest)
  end
  local rows = {}
  for _, command in ipairs(M.list) do
    rows[#rows + 1] = { (":%s %s"):format(command.name, command.arguments):gsub(" $", ""), command.summary }
  end
  rows[#rows + 1] = { "?NAME  ??NAME", "help on k8s.apply, a module or a command; the source of a function" }
  rows[#rows + 1] = { "_  _1 … _9  _err", "the last value, those before it, the last error" }
  rows[#rows + 1] = { "help()  tutorial()", "what there is; a tour on a cluster of its own" }
  session:write(require("ss.topics").rows(rows, 0) .. "\n")
  return 0
end

M.list = {
  { name = "help", arguments = "[NAME]", summary = "this list, or help on a function", run = help },
  { name = "context", arguments = "[NAME]", summary = "list the contexts, or go to one",
    run = in_file("cluster", "context") },
  { name = "namespace", arguments = "[NAME]", summary = "say the namespace, or change it",
    run = in_file("cluster", "namespace") },
  { name = "watch", arguments = "KIND [NAME] [-A]", summary = "a job that prints a line per event",
    run = in_file("cluster", "watch") },
  { name = "policy", arguments = "[list|reload|history|diff [A B]|rollback N|live [ADAPTER] [-A]]",
    summary = "the policy: adapters, generations, what it would change",
    run = in_file("policy", "command") },
  { name = "edit", arguments = "[FILE|ADAPTER]", summary = "in $EDITOR: the last input, a file, an adapter",
    run = in_file("files", "edit") },
  { name = "load", arguments = "FILE", summary = "run a script in this session", run = in_file("files", "load") },
  { name = "save", arguments = "FILE", summary = "this session's inputs as a script",
    run = in_file("save", "save") },
  { name = "example", arguments = "NAME", summary = "run the example of a function's help",
    run = in_file("help", "example") },
  { name = "out", arguments = "[auto|yaml|json|lua|table]", summary = "how values print", run = set_format },
  { name = "all", arguments = "", summary = "print the last result again, all of it", run = print_all },
  { name = "jobs", arguments = "[stop ID]", summary = "what runs in the background", run = jobs },
  { name = "time", arguments = "on|off", summary = "say how long each input took", run = set_time },
  { name = "trace", arguments = "http on|off", summary = "show each request: method, path, status, ms, bytes",
    run = set_trace },
  { name = "quit", arguments = "[CODE]", summary = "leave (Ctrl-D)", run = quit },
}

function M.names()
  local names = {}
  for i, command in ipairs(M.list) do
    names[i] = command.name
  end
  return names
end

--- By its name, or by the beginning that only it has.
--- @return table|nil command
--- @return string|nil message
function M.find(word)
  local found, names = {}, {}
  for _, command in ipairs(M.list) do
    if command.name == word then
      return command
    elseif word ~= "" and command.name:sub(1, #word) == word then
      found[#found + 1] = command
      names[#names + 1] = ":" .. command.name
    end
  end
  if #found == 1 then
    return found[1]
  elseif #found > 1 then
    return nil, (":%s may be %s"):format(word, table.concat(names, " or "))
  end
  local near = native.suggest(word, M.names())
  return nil, ("there is no command :%s%s"):format(word,
    near and (": did you mean :%s?"):format(near) or "; :help lists them")
end

--- @param line string  without the colon
--- @return integer code  0, or what a session without a terminal ends with
--- @return boolean|nil over
function M.run(session, line)
  local word, rest = line:match("^%s*(%S*)%s*(.-)%s*$")
  local command, message = M.find(word)
  if not command then
    session:report_error(message)
    return 1
  end
  local words = {}
  for part in rest:gmatch("%S+") do
    words[#words + 1] = part
  end
  return command.run(session, rest, words)
end

return M
