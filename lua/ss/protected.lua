-- Protected contexts: what writes there asks first, with the objects and their number; at the prompt, in
-- scripts and for the commands alike. It stands in front of the functions of k8s and of the clients that
-- k8s.connect gives, so tasks ask, too. Who asks is the host:
--   { protected = {[context] = true}, yes = true when nothing is to be asked, tty = is there a terminal?,
--     context = fn() --> where k8s writes to, ask = fn(question) --> answer | nil,
--     scope = fn() --> what "a" lasts for, its name | nil, spawn =, join = of the engine }
local _, ss = ...
local native = require("ss.native")
local raw = require("ss.repl.raw")

local M = {}

local error, ipairs, math, next, pcall, rawget, rawlen, rawset, select, setmetatable, table, tostring, type =
  error, ipairs, math, next, pcall, rawget, rawlen, rawset, select, setmetatable, table, tostring, type

local MAX_NAMED = 5
local TURN_S = 86400 -- longer than anybody takes to answer

local Guard = {}
Guard.__index = Guard

-- --- what would be written ------------------------------------------------------------------

local function name_of(object, options)
  local kind, name = raw.get(object, "kind"), raw.get(object, "metadata", "name") or raw.get(object, "name")
  local namespace = raw.get(object, "metadata", "namespace") or raw.get(object, "namespace")
    or raw.get(options, "namespace")
  name = name or raw.get(object, "metadata", "generateName")
  local place = namespace and tostring(namespace) .. "/" or ""
  return ("%s %s%s"):format(tostring(kind or "?"), place, tostring(name or "?"))
end

-- The objects of an argument of k8s.apply: one, a list, a List, or YAML.
local function objects_of(value)
  if type(value) == "string" then
    local documents = ss.yaml.decode_all(value)
    return documents or {}
  elseif type(value) ~= "table" then
    return {}
  elseif type(raw.get(value, "items")) == "table" then
    return rawget(value, "items")
  elseif raw.get(value, "kind") == nil and rawlen(value) > 0 then
    return value
  end
  return { value }
end

local function list_names(objects, options)
  local n = rawlen(objects)
  local names = {}
  for i = 1, math.min(n, MAX_NAMED) do
    names[i] = name_of(rawget(objects, i), options)
  end
  local more = n > MAX_NAMED and (" and %d more"):format(n - MAX_NAMED) or ""
  return ("%d object%s (%s%s)"):format(n, n == 1 and "" or "s", table.concat(names, ", "), more)
end

-- A delete of all that a selector matches: how many that are now.
local function describe_selection(functions, ref)
  local selector = rawget(ref, "labelSelector")
  local found = functions.list {
    kind = rawget(ref, "kind"), apiVersion = rawget(ref, "apiVersion"), namespace = rawget(ref, "namespace"),
    labelSelector = selector,
  }
  local what = ("%s objects of kind %s that match '%s'"):format(found and tostring(#found) or "an unknown number of",
    tostring(rawget(ref, "kind")), tostring(selector))
  return found and #found > 0 and what .. ": " .. list_names(found) or what
end

local function describe(functions, verb, value, options)
  if verb == "apply" then
    return list_names(objects_of(value), options)
  elseif verb == "delete" and raw.get(value, "labelSelector") ~= nil and raw.get(value, "name") == nil then
    return describe_selection(functions, value)
  end
  return list_names({ value }, options)
end

-- --- asking -------------------------------------------------------------------------------------

local function refuse(code, verb, message)
  local _, err = pcall(native.fail, code, message)
  err.op = verb
  return nil, err
end

-- One question at a time: those that come meanwhile wait until the turn's task is cancelled.
local function take_turn(guard)
  while guard.turn do
    guard.host.join(guard.turn)
  end
  guard.turn = guard.host.spawn(ss.task.sleep, TURN_S)
end

local function end_turn(guard)
  local turn = guard.turn
  guard.turn = nil
  if turn then
    ss.task.cancel(turn)
  end
end

-- once: the question is about all of it already.
local function ask(guard, question, once)
  take_turn(guard)
  local _ <close> = setmetatable({}, { __close = function() end_turn(guard) end })
  local scope, name = guard.host.scope()
  if scope and guard.all == scope then
    return true
  end
  local choices = scope and not once and (" [y/N, a = all of this %s] "):format(name) or " [y/N] "
  local answer = (guard.host.ask(native.escape(question) .. choices) or ""):lower()
  if scope and not once and answer:find("^%s*a") then
    guard.all = scope
    return true
  end
  return answer:find("^%s*y") ~= nil
end

-- May it be done? nil, err when not. what() describes it.
local function permit(guard, context, verb, what, once)
  local where = "the protected context " .. context
  if guard.host.yes then
    return true
  elseif not guard.host.tty then
    return refuse("forbidden", verb, ("%s is not written to without a terminal to ask at; --yes does it "
      .. "without asking: %s"):format(where, what()))
  elseif not ask(guard, ("%s %s in %s?"):format(verb, what(), where), once) then
    return refuse("canceled", verb, ("not done in %s, as answered"):format(where))
  end
  return true
end

-- --- standing in front ----------------------------------------------------------------------------

-- What a function gave, or its raise at the line of who called the one in front.
local function pass_on(ok, ...)
  if ok then
    return ...
  end
  error((...), 2)
end

-- A function that asks, in front of one that writes. context() is where it would write to.
local function guarded(guard, functions, verb, original, context)
  local function wrapper(value, ...)
    local options = verb == "patch" and select(2, ...) or (...)
    local here = context()
    local writes = type(value) == "table" or type(value) == "string"
    if writes and here and guard.host.protected[here] and raw.get(options, "dryRun") ~= true then
      local ok, err = permit(guard, here, verb, function()
        return describe(functions, verb, value, options)
      end)
      if not ok then
        return nil, err
      end
    end
    return pass_on(pcall(original, value, ...))
  end
  guard.originals[wrapper] = original
  return wrapper
end

local VERBS = { "apply", "create", "patch", "delete" }

local function stand_before(guard, functions, context)
  local plain = { list = rawget(functions, "list") }
  for _, verb in ipairs(VERBS) do
    local original = rawget(functions, verb)
    if type(original) == "function" then
      rawset(functions, verb, guarded(guard, plain, verb, original, context))
    end
  end
end

local function guard_clients(guard, k8s)
  local original = k8s.connect
  k8s.connect = function(...)
    local client, err = original(...)
    if not client then
      return nil, err
    end
    local context = rawget(client, "context")
    stand_before(guard, client, function() return context end)
    return client
  end
  guard.originals[k8s.connect] = original
end

--- The function behind one that asks, for those who want to see its text.
function Guard:original(f)
  return self.originals[f] or f
end

--- Put back what stood there.
function Guard:remove()
  for name, original in next, self.before do
    ss.k8s[name] = original
  end
end

--- @param list string[]|nil of the configuration
--- @return table<string, true>
function M.set_of(list)
  local set = {}
  for _, name in ipairs(list or {}) do
    set[name] = true
  end
  return set
end

--- @param host table see above
--- @return table guard
function M.install(host)
  local guard = setmetatable({ host = host, originals = setmetatable({}, { __mode = "k" }), before = {} }, Guard)
  for _, verb in ipairs { "apply", "create", "patch", "delete", "connect" } do
    guard.before[verb] = ss.k8s[verb]
  end
  stand_before(guard, ss.k8s, host.context)
  guard_clients(guard, ss.k8s)
  return guard
end

-- --- a run of a script or a command ---------------------------------------------------------------

local run

--- Scripts and commands ask on standard error, and are answered on standard input.
--- @param list string[]
--- @param tty boolean
--- @param yes boolean
function M.install_for_run(list, tty, yes)
  local context
  run = M.install {
    protected = M.set_of(list),
    tty = tty,
    yes = yes,
    context = function()
      context = context or (native.target() or {}).context
      return context
    end,
    ask = function(question)
      native.question(question)
      local answer = ss.fs.stdin("l")
      if not answer then
        native.question("\n")
      end
      return answer
    end,
    scope = function() return run, "run" end,
    spawn = ss.task.spawn,
    join = ss.task.join,
  }
end

--- A command asks once for all of its objects; raises when they are not to be written.
--- @param verb string
--- @param objects table[]
--- @param options table as of the call
function M.ask_for_all(verb, objects, options)
  local here = run and not raw.get(options, "dryRun") and run.host.context()
  if not here or not run.host.protected[here] or rawlen(objects) == 0 then
    return
  end
  local ok, err = permit(run, here, verb, function()
    return list_names(objects, options)
  end, true)
  if not ok then
    error(err, 0)
  end
  run.all = run
end

return M
