-- The operator's prompt: what is typed runs, prints and is remembered. C reads the lines
-- (src/app/repl_*.c), and calls:
--   local session = require("ss.repl").new(terminal, options)
--   session:prompt([depth]) --> text, with colours
--   session:check(text) --> true | false, depth       a block is complete; it never runs anything
--   session:complete(text, cursor) --> start, {candidate…}, {note…}
--       cursor and start count bytes from 0: a candidate replaces the bytes from start to cursor.
--       Sorted; of very many, some. A note for each, or none; without candidates, why there are none.
--       Never waits; what it lacks is fetched by a task and there the next time.
--   session:storable(text) --> bool                    may it be kept in the history?
--   session:run(text) --> over, exit code              as a task of its own
--   session:leave() --> bool                           Ctrl-D: false, once, when jobs are running
--   session:close()
-- terminal = { tty=, color=, size() --> columns, rows; write(text): data; tell(text): messages;
--   ask(question) --> text | nil, which waits, in the background, too; edit_file(path) --> exit code |
--   nil, err; history() }
-- options = { read_only=, yes=, protected={context…} }
local _, ss = ...
local eval = require("ss.repl.eval")
local native = require("ss.native")
local output = require("ss.repl.print")
local scan = require("ss.repl.scan")
local style = require("ss.repl.style")

local M = {}

local G = _G
local ipairs, load, math, next, pcall, rawget, rawset, require, select, setmetatable, table, tostring =
  ipairs, load, math, next, pcall, rawget, rawset, require, select, setmetatable, table, tostring

local MAX_SOURCE_BYTES = 16 << 20
local MAX_BLOCKS, MAX_BLOCK_BYTES = 1000, 64 << 10 -- kept for ?? and :save
local HISTORY = 9                                  -- _1 … _9

local Session = {}
Session.__index = Session

-- What os.exit raises: it ends the session, not the program in the middle of it.
local EXIT = setmetatable({}, { __tostring = function() return "os.exit ends the session only at the prompt" end })

-- --- making one ---------------------------------------------------------------------------

local function print_to(session)
  return function(...)
    local parts = table.pack(...)
    for i = 1, parts.n do
      parts[i] = tostring(parts[i])
    end
    session.terminal.write(table.concat(parts, "\t", 1, parts.n) .. "\n")
  end
end

local function exit_of(session)
  return function(code)
    session.exit_code = code == false and 1 or math.tointeger(tonumber(code)) or 0
    error(EXIT, 0)
  end
end

-- Globals of the prompt; what they hide comes back when the session closes.
local function install(session)
  local globals = {
    print = print_to(session),
    help = function(...)
      session.not_saved = true
      require("ss.repl.help").help(session, select("#", ...) > 0, (...))
    end,
    tutorial = function(word)
      session.not_saved = true
      require("ss.repl.tutorial").command(session, word)
    end,
  }
  session.hidden, session.os_exit = {}, os.exit
  rawset(os, "exit", exit_of(session))
  for name, value in next, globals do
    session.hidden[name] = { rawget(G, name) }
    rawset(G, name, value)
  end
end

--- @return table session
function M.new(terminal, options)
  options = options or {}
  local session = setmetatable({
    terminal = terminal,
    style = style.new(terminal.color),
    format = "auto",
    protected = require("ss.protected").set_of(options.protected),
    read_only = options.read_only or false,
    yes = options.yes or false,
    blocks = {},   -- [n] = {text =, …}: what ran, for ?? and :save
    n_inputs = 0,
    n_runs = 0,
  }, Session)
  if session.read_only then
    native.read_only()
  end
  if terminal.tty then
    native.watch_policy()
  end
  session.jobs = require("ss.repl.jobs").new(session)
  session.jobs:install()
  session.cache = require("ss.repl.cache").new(session)
  if next(session.protected) then
    session.guard = require("ss.repl.safety").install(session)
  end
  install(session)
  if terminal.tty then
    session:note(session:start_line())
  end
  return session
end

--- Put back what the prompt changed; its jobs end with the host.
function Session:close()
  self.jobs:stop_all()
  if self.follower then
    ss.task.cancel(self.follower)
  end
  self.jobs:uninstall()
  if self.guard then
    self.guard:remove()
  end
  if self.tutorial then
    self.tutorial:stop()
  end
  rawset(os, "exit", self.os_exit)
  for name, value in next, self.hidden do
    rawset(G, name, value[1])
  end
end

-- --- text ------------------------------------------------------------------------------------

function Session:write(text)
  self.terminal.write(text)
end

--- A message, with its line break.
function Session:tell(text)
  self.terminal.tell(text)
end

--- A line of the session's own, as `:` commands say what they did.
function Session:say(text)
  self:tell(native.escape(text) .. "\n")
end

--- Lines of the session's own.
function Session:say_lines(text)
  for line in (text .. "\n"):gmatch("(.-)\n") do
    self:say(line)
  end
end

function Session:note(text)
  self:tell(self.style("note", native.escape(text)) .. "\n")
end

function Session:print_options(long)
  local columns = self.terminal.size()
  return {
    style = self.style,
    width = self.terminal.tty and columns or math.maxinteger,
    long = long,
    format = self.format,
  }
end

--- Report an error, once: red, with its causes.
function Session:report_error(err, trace, before)
  local lines = eval.error_lines(err, trace)
  lines[1] = (before and native.escape(before) or "error: ") .. lines[1]
  for i, line in ipairs(lines) do
    lines[i] = i == 1 and self.style("error", line) or line
  end
  self:tell(table.concat(lines, "\n") .. "\n")
end

-- --- where we are ------------------------------------------------------------------------------

--- What the k8s calls are sent to: {context=, namespace=, server=, embedded=}, or nil and why not.
function Session:target()
  if not self.known_target then
    local target, err = native.target()
    self.known_target = target or { error = err }
  end
  local target = self.known_target
  return not target.error and target or nil, target.error
end

--- After a change of context or namespace.
function Session:retarget()
  self.known_target = nil
end

function Session:is_protected(context)
  return self.protected[context] == true
end

local function place(session)
  local target = session:target()
  if session.tutorial then
    return "tutorial/" .. (target and target.namespace or "?"), false
  elseif not target then
    return "no cluster", false
  end
  local text = native.escape(target.context .. "/" .. target.namespace)
  if session.read_only then
    text = text .. " (read-only)"
  end
  return text, session:is_protected(target.context)
end

local START_WIDTH = 80

--- What this is, where it works, and the ways to help and out.
function Session:start_line()
  local target, before = self:target(), "sandscript " .. native.version
  local where = target and native.escape(target.context) or "no cluster"
  local after = ": help says more, exit or Ctrl-D ends"
  local room = START_WIDTH - #before - #", context " - #after
  if (utf8.len(where) or #where) > room then
    where = where:sub(1, (utf8.offset(where, room) or room + 1) - 1) .. "…"
  end
  return before .. (target and ", context " or ", ") .. where .. after
end

--- @param depth integer|nil  of what is open: the prompt for a further line of a block
function Session:prompt(depth)
  local text, protected = place(self)
  if depth then
    local lead = ("...%d> "):format(depth)
    return (" "):rep((utf8.len(text) or #text) + 2 - #lead) .. lead
  end
  return self.style(protected and "danger" or "heading", text) .. "> "
end

-- --- reading --------------------------------------------------------------------------------------

local function is_command(text)
  return text:find("^%s*[:?]") ~= nil
end

function Session.check(_, text)
  if not text:find("%S") or is_command(text) then
    return true
  end
  return eval.check(text)
end

function Session:complete(text, cursor)
  return require("ss.repl.complete").complete(self, text, cursor)
end

function Session.storable(_, text)
  return require("ss.repl.secrets").storable(text)
end

-- --- running ----------------------------------------------------------------------------------------

local function remember(first)
  if first == nil then
    return
  end
  for i = HISTORY, 2, -1 do
    rawset(G, "_" .. i, rawget(G, "_" .. (i - 1)))
  end
  rawset(G, "_1", rawget(G, "_"))
  rawset(G, "_", first)
end

local function keep_block(session, text)
  if #text > MAX_BLOCK_BYTES then
    return {}
  end
  session.n_inputs = session.n_inputs + 1
  local block = { text = text }
  session.blocks[session.n_inputs] = block
  session.blocks[session.n_inputs - MAX_BLOCKS] = nil
  return block
end

--- The text of an input, by the source that debug.getinfo names ("=prompt#3").
function Session:block_of(source)
  local n = source:match("^=prompt#(%d+)$")
  local block = n and self.blocks[math.tointeger(n)]
  return block and block.text or nil
end

--- The first line of a function that was typed, or nil.
function Session:source_line(info)
  local text = self:block_of(info.source)
  local n = 0
  for line in ((text or "") .. "\n"):gmatch("(.-)\n") do
    n = n + 1
    if text and n == info.linedefined then
      return line:match("^%s*(.-)%s*$")
    end
  end
end

function Session:show(results)
  local ok, text, cut = pcall(output.results, results, self:print_options())
  if not ok then
    self:report_error(text)
  elseif text then
    self:write(text .. "\n")
    if cut then
      self:note("(cut; :all prints all of it)")
    end
  end
end

local function failed(session, err, trace)
  if err == EXIT then
    return session.exit_code, true
  end
  rawset(G, "_err", err)
  if native.is_error(err) and rawget(err, "code") == "canceled" and rawget(err, "message") == "interrupted" then
    session:tell(session.style("error", "interrupted") .. "\n")
  else
    session:report_error(err, trace)
  end
  return native.is_error(err) and native.exit_code(tostring(rawget(err, "code"))) or 1
end

local MAX_TOLD = 3

-- Failures of what the input called whose error nobody looked at; the exit code of the first. Neither the one that
-- the input ends with, nor those that it shows.
local function tell_unseen(session, ends_with, shown)
  local list = {}
  for _, err in ipairs(native.unseen()) do
    local is_shown = rawequal(err, ends_with)
    for i = 1, shown.n or 0 do
      is_shown = is_shown or rawequal(err, shown[i])
    end
    list[#list + 1] = not is_shown and err or nil
  end
  for i = 1, math.min(#list, MAX_TOLD) do
    failed(session, list[i])
  end
  if #list > MAX_TOLD then
    session:tell(("%d more calls failed\n"):format(#list - MAX_TOLD))
    rawset(G, "_err", list[#list])
  end
  return list[1] and native.exit_code(tostring(rawget(list[1], "code"))) or 0
end

-- After an input that used them, what Tab may want of the cluster, and word of edits of the policy.
local function prepare(session, text)
  if scan.uses(text, "^k8s$") then
    session.used_cluster = true
    session.cache:warm()
  end
  if scan.uses(text, "^policy$") then
    require("ss.repl.policy").follow(session)
  end
end

local function run_chunk(session, text)
  local name = "=prompt#" .. session.n_inputs + 1
  local chunk, is_expression = eval.compile(eval.without_local(text), name)
  local block = keep_block(session, text)
  if not chunk then
    session:tell(session.style("error", "error: " .. native.escape(is_expression)) .. "\n")
    return 1
  end
  session.not_saved = session.tutorial ~= nil
  native.watch_errors()
  local results, err, trace = eval.call(chunk)
  local raised = not results
  err = err or results and eval.failure(results)
  local code = tell_unseen(session, err, results or {})
  if raised or err then
    return failed(session, err, trace)
  end
  block.ran, block.expression, block.value = not session.not_saved, is_expression, results[1] and true or false
  block.target = session:target()
  session.last = results
  remember(results[1])
  session:show(results)
  if #text <= MAX_BLOCK_BYTES then
    prepare(session, text)
  end
  return code, nil, results
end

--- Run a file in the session.
function Session:load(path, text)
  local chunk, message = load(text, "@" .. path, "t")
  if not chunk then
    self:tell(self.style("error", "error: " .. native.escape(message)) .. "\n")
    return 1
  end
  local results, err, trace = eval.call(chunk)
  if not results then
    return failed(self, err, trace)
  end
  err = eval.failure(results)
  return err and failed(self, err) or 0
end

-- What people type to get out, or help, before they know of the colon.
local WORDS = { help = "help", exit = "quit", quit = "quit" }

-- Unless the session has a variable of that name.
local function is_word(word)
  local value = WORDS[word or ""] and rawget(G, word)
  return WORDS[word or ""] and (value == nil or type(value) == "function")
end

-- @return integer code, boolean|nil over, table|nil results
local function run_line(session, text)
  local sign, rest = text:match("^%s*([:?]%??)(.*)$")
  if sign and sign:sub(1, 1) == ":" then
    return require("ss.repl.commands").run(session, text:match("^%s*:(.*)$"))
  elseif sign then
    return require("ss.repl.help").query(session, sign, rest:match("^%s*(.-)%s*$"))
  elseif is_word(text:match("^%s*(%a+)%s*$")) then
    return require("ss.repl.commands").run(session, WORDS[text:match("%a+")])
  elseif #text > MAX_SOURCE_BYTES then
    session:report_error(("%d bytes of source; at most %d are read"):format(#text, MAX_SOURCE_BYTES))
    return 1
  end
  return run_chunk(session, text)
end

--- What a command has to run, as if it had been typed.
--- @return integer code, boolean|nil over
function Session:run_text(text)
  return run_line(self, text)
end

-- A task that does not stop when it is asked to is ended; only what is closed still runs then.
local Watchdog = {
  __close = function(self)
    self.session.busy = false
    if not self.done then
      self.session:tell(self.session.style("error", "interrupted") .. "\n")
    end
  end,
}

--- Run one block to its end. Errors are printed here.
--- @return boolean over  the session is
--- @return integer|nil exit code
function Session:run(text)
  if not text:find("%S") then
    return false
  end
  local watchdog <close> = setmetatable({ session = self }, Watchdog)
  self.busy = true
  self.n_runs = self.n_runs + 1
  local start = native.clock()
  local ok, code, over, results = pcall(run_line, self, text)
  if not ok then
    code, over = failed(self, code), false
  end
  if self.tutorial and not over then
    self.tutorial:after(text, results)
  end
  if self.timing then
    self:note(("(%.1f ms)"):format((native.clock() - start) * 1000))
  end
  watchdog.done = true
  if over then
    return true, code
  elseif code ~= 0 and not self.terminal.tty then
    return true, code
  end
  return false
end

--- May the session end now? Says once that jobs are running; the next time it may.
function Session:leave()
  local n = self.jobs.n_running
  if n == 0 or self.leaving == self.n_inputs then
    return true
  end
  self.leaving = self.n_inputs
  self:note(("%d job%s running (:jobs); once more ends %s"):format(n, n == 1 and " is" or "s are",
    n == 1 and "it" or "them"))
  return false
end

-- The engine's modules, whatever the globals of their names have become.
M.modules = ss

return M
