-- :context, :namespace, :watch.
local _, ss = ...
local native = require("ss.native")
local raw = require("ss.repl.raw")

local M = {}

local ipairs, os, require, table, tostring = ipairs, os, require, table, tostring

local CHECK_TIMEOUT_S = 3

local function fail(session, err)
  session:report_error(err)
  return 1
end

local function list_contexts(session)
  local contexts, err = native.contexts()
  if not contexts then
    return fail(session, err)
  end
  local target = session:target()
  local here = target and target.context
  local rows = { { "", "CONTEXT", "CLUSTER", "NAMESPACE" } }
  for _, context in ipairs(contexts) do
    rows[#rows + 1] = {
      context.name == here and "*" or "", context.name, tostring(context.cluster or ""),
      tostring(context.namespace or ""),
    }
  end
  if target and target.embedded then
    rows[#rows + 1] = { "*", "embedded", target.server, "" }
  end
  session:write(require("ss.table").rows(rows) .. "\n")
  return 0
end

local function is_configured(contexts, name)
  for _, context in ipairs(contexts or {}) do
    if context.name == name then
      return true
    end
  end
  return false
end

local function unknown_context(contexts, name)
  local names = {}
  for i, context in ipairs(contexts) do
    names[i] = context.name
  end
  local near = native.suggest(name, names)
  return ("there is no context '%s'%s"):format(name,
    near and (": did you mean '%s'?"):format(near) or "; :context lists them")
end

local function switch(session, request)
  local ok, err = native.switch(request)
  if not ok then
    return fail(session, err)
  end
  session:retarget()
  local target
  target, err = session:target()
  if not target then
    return fail(session, err)
  end
  session:say(("context %s, namespace %s, at %s%s"):format(target.context, target.namespace, target.server,
    session:is_protected(target.context) and " (protected: writes ask)" or ""))
  return 0
end

function M.context(session, name)
  if name == "" then
    return list_contexts(session)
  end
  local request = native.request()
  local contexts, err = native.contexts()
  if is_configured(contexts, name) then
    return switch(session, { kubeconfig = request.kubeconfig, context = name })
  elseif name == "embedded" then
    return switch(session, { cluster = request.cluster or "embedded" })
  elseif not contexts then
    return fail(session, err)
  end
  return fail(session, unknown_context(contexts, name))
end

-- A namespace that is not there is a typing error more often than not, but may also come later.
local function check_namespace(session, name)
  local _, err = ss.k8s.get({ kind = "Namespace", name = name }, { timeout = CHECK_TIMEOUT_S })
  if err and err.code == "not_found" then
    session:note(("namespace %s is not there (yet)"):format(name))
  end
end

function M.namespace(session, name)
  if name == "" then
    local target, err = session:target()
    if not target then
      return fail(session, err)
    end
    session:write(native.escape(target.namespace) .. "\n")
    return 0
  elseif not name:find("^[%l%d][%l%d-]*$") or #name > 63 or name:sub(-1) == "-" then
    return fail(session, ("'%s' is no name of a namespace: lower case letters, digits and -"):format(name))
  end
  local request = native.request()
  request.namespace = name
  local code = switch(session, request)
  if code == 0 then
    check_namespace(session, name)
  end
  return code
end

-- --- watching ---------------------------------------------------------------------------------

-- The line of an object in its kind's table, without the heading.
local function row_of(object)
  local copy = raw.copy(object, 12, 5000)
  local ok, text = pcall(require("ss.table").render, { copy }, { namespace = true })
  return ok and text:match("\n(.*)$") or tostring(raw.get(object, "metadata", "name"))
end

local function run_watch(session, options)
  local watch <close> = assert(ss.k8s.watch(options))
  for event in watch do
    session:write(("%s %-8s %s %s\n"):format(session.style("note", os.date("%H:%M:%S")), event.type,
      native.escape(tostring(raw.get(event.object, "kind"))), row_of(event.object)))
  end
end

function M.watch(session, rest, words)
  local options, what = {}, {}
  for _, word in ipairs(words) do
    if word == "-A" then
      options.allNamespaces = true
    else
      what[#what + 1] = word
    end
  end
  options.kind, options.name = what[1], what[2]
  if not options.kind or #what > 2 then
    return fail(session, ":watch KIND [NAME] [-A]")
  end
  local task, job = session.jobs:start("watch " .. rest, run_watch, session, options)
  if not task then
    return fail(session, job)
  end
  session:say(("job %d watches %s (:jobs stop %d ends it)"):format(job.id, table.concat(what, " "), job.id))
  return 0
end

return M
