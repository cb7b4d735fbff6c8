-- Protected contexts: what writes there asks first, with the objects and their number. It stands
-- in front of the functions of k8s and of the clients that k8s.connect gives, so tasks ask, too.
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

local function refuse(code, message)
  local _, err = pcall(native.fail, code, message)
  return nil, err
end

-- One question at a time: those that come meanwhile wait until the turn's task is cancelled.
local function take_turn(guard)
  local jobs = guard.session.jobs
  while guard.turn do
    jobs.join(guard.turn)
  end
  guard.turn = jobs.spawn(ss.task.sleep, TURN_S)
end

local function end_turn(guard)
  local turn = guard.turn
  guard.turn = nil
  if turn then
    ss.task.cancel(turn)
  end
end

local function ask(guard, question)
  local session = guard.session
  take_turn(guard)
  local _ <close> = setmetatable({}, { __close = function() end_turn(guard) end })
  if session.busy and guard.all == session.n_runs then
    return true
  end
  local choices = session.busy and " [y/N, a = all of this input] " or " [y/N] "
  local answer = (session.terminal.ask(native.escape(question) .. choices) or ""):lower()
  if session.busy and answer:find("^%s*a") then
    guard.all = session.n_runs
    return true
  end
  return answer:find("^%s*y") ~= nil
end

-- May it be done? nil, err when not.
local function permit(guard, context, verb, what)
  local session = guard.session
  local where = ("the protected context %s"):format(context)
  if not session.terminal.tty then
    return refuse("forbidden", ("%s: %s is not written to without a terminal to ask at"):format(verb, where))
  elseif not ask(guard, ("%s %s in %s?"):format(verb, what, where)) then
    return refuse("canceled", ("%s: not done in %s, as answered"):format(verb, where))
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
    if writes and here and guard.session:is_protected(here) and raw.get(options, "dryRun") ~= true then
      local ok, err = permit(guard, here, verb, describe(functions, verb, value, options))
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

--- @param session table
--- @return table guard
function M.install(session)
  local guard = setmetatable({ session = session, originals = setmetatable({}, { __mode = "k" }), before = {} }, Guard)
  for _, verb in ipairs { "apply", "create", "patch", "delete", "connect" } do
    guard.before[verb] = ss.k8s[verb]
  end
  stand_before(guard, ss.k8s, function()
    local target = session:target()
    return target and target.context
  end)
  guard_clients(guard, ss.k8s)
  return guard
end

return M
