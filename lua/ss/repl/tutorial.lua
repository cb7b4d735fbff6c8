-- tutorial(): a tour on an embedded cluster in memory. It looks at what each input did, says the
-- next step when the last one is done, and leaves everything as it was.
local _, ss = ...
local native = require("ss.native")
local raw = require("ss.repl.raw")

local M = {}

local G = _G
local ipairs, next, rawget, setmetatable, tostring, type = ipairs, next, rawget, setmetatable, tostring, type

local NAMESPACE = "tutorial"
local BEFORE = [[
apiVersion: v1
kind: Namespace
metadata: {name: tutorial}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: agent, namespace: tutorial}
---
apiVersion: v1
kind: Secret
metadata: {name: s1-env, namespace: tutorial}
]]

local Tutorial = {}
Tutorial.__index = Tutorial

-- Has the cluster an object of this kind and name?
local function exists(kind, name)
  return (ss.k8s.get { kind = kind, name = name }) ~= nil
end

local function is_kind(v, kind)
  return type(v) == "table" and rawget(v, "kind") == kind
end

-- Each step: what to do, the line that does it, and whether it was done. done(self, text, results).
local STEPS = {
  {
    say = [[Everything is Lua: type an expression, and its value is shown. Adapters are the kinds of agents
that the policy folder knows. List them:]],
    line = "policy.list()",
    done = function(_, _, results)
      return results and type(results[1]) == "table" and #results[1] > 0 and results[1][1].sha256 ~= nil
    end,
  },
  {
    say = [[A policy turns a request into a manifest. Tab completes here: the adapter's name, and the keys of
the request. Variables stay; keep the manifest in m:]],
    line = 'm = policy.build("ADAPTER", {namespace="tutorial", sandboxName="s1", envSecretName="s1-env", '
      .. 'serviceAccountName="agent"})',
    done = function()
      local m = rawget(G, "m")
      return raw.is_object(m) and m.kind == "Sandbox" and m.metadata.name == "s1"
    end,
  },
  {
    say = "m prints as YAML when you name it. Now store it in the cluster (server-side apply):",
    line = "k8s.apply(m)",
    done = function() return exists("Sandbox", "s1") end,
  },
  {
    say = "_ is the last value. Wait until the sandbox is Ready (a watch, never a poll; Ctrl-C ends it):",
    line = "k8s.wait(m)",
    done = function(_, _, results) return results and is_kind(results[1], "Sandbox") end,
  },
  {
    say = "A list of objects is a table. The sandbox has a pod; list the pods:",
    line = 'k8s.list{kind="Pod"}',
    done = function(_, _, results)
      return results and type(results[1]) == "table" and is_kind(rawget(results[1], 1), "Pod")
    end,
  },
  {
    say = "Lines that begin with a colon are commands. A watch runs as a job beside the prompt:",
    line = ":watch sandbox",
    done = function(self) return self.session.jobs.n_running > 0 end,
  },
  {
    say = "Delete the sandbox; what the job sees of it appears above the prompt:",
    line = 'k8s.delete(m, {wait=true})',
    done = function() return not exists("Sandbox", "s1") end,
  },
  {
    say = "Each function has its help, with an example (?? shows the source of a function):",
    line = "?k8s.delete",
    done = function(_, text) return text:find("^%s*%?") ~= nil end,
  },
}

local function say_step(self)
  local step = STEPS[self.step]
  self.session:note(("— step %d of %d"):format(self.step, #STEPS))
  self.session:say_lines(native.fill(step.say))
  self.session:tell("    " .. step.line:gsub("ADAPTER", self.adapter) .. "\n")
end

local function first_adapter()
  local list = ss.policy.list()
  for _, adapter in ipairs(list) do
    if adapter.name == "claude_local" then
      return adapter.name
    end
  end
  return list[1] and list[1].name
end

local function fail(session, err)
  session:report_error(err)
end

-- Names that the tour gives a value to.
local VARIABLES = { "m" }

local function start(session)
  if session.read_only then
    return fail(session, "the tutorial writes to a cluster of its own: start the prompt without --read-only")
  end
  local adapter, err = first_adapter()
  if not adapter then
    return fail(session, err or "the tutorial needs a policy folder with an adapter (--policy DIR)")
  end
  local before = native.request()
  local ok
  ok, err = native.switch { cluster = "embedded::memory:", namespace = NAMESPACE }
  if not ok then
    return fail(session, err)
  end
  session.tutorial = setmetatable({
    session = session, before = before, adapter = adapter, step = 1, hidden = {}, since = native.clock(), fresh = true,
  }, Tutorial)
  for _, name in ipairs(VARIABLES) do
    session.tutorial.hidden[name] = rawget(G, name)
  end
  session:retarget()
  ok, err = ss.k8s.apply(BEFORE)
  if not ok then
    session.tutorial:stop()
    return fail(session, err)
  end
  session:say('On a cluster of its own; tutorial("next") skips a step, tutorial("stop") leaves.')
  say_step(session.tutorial)
end

--- End it: jobs of the tour, its cluster and its variables go; the target of before is back.
function Tutorial:stop()
  local session = self.session
  session.tutorial = nil
  for id, job in next, session.jobs.running do
    if job.since >= self.since then
      session.jobs:stop(id)
    end
  end
  for _, name in ipairs(VARIABLES) do
    G[name] = self.hidden[name]
  end
  local ok, err = native.switch(self.before)
  if not ok then
    session:report_error(err)
  end
  session:retarget()
end

local function go_on(self)
  self.step = self.step + 1
  if self.step <= #STEPS then
    return say_step(self)
  end
  local session = self.session
  self:stop()
  session:note("— done")
  session:say_lines(native.fill [[That was the tour. help() says what there is, :help lists the commands;
:context shows the clusters you can go to.]])
end

--- Called after each input.
--- @param results table|nil what it gave; nil for a command, or one that failed
function Tutorial:after(text, results)
  local step = STEPS[self.step]
  if self.fresh then
    self.fresh = nil
  elseif step.done(self, text, results) then
    go_on(self)
  end
end

--- tutorial(), tutorial("next"), tutorial("stop").
function M.command(session, word)
  local running = session.tutorial
  if word == nil and not running then
    start(session)
  elseif word == nil then
    say_step(running)
  elseif not running then
    fail(session, "no tutorial is running; tutorial() starts one")
  elseif word == "next" then
    running.fresh = true
    go_on(running)
  elseif word == "stop" then
    running:stop()
    session:say("left the tutorial")
  else
    fail(session, ('tutorial(), tutorial("next") or tutorial("stop"), not %s'):format(tostring(word)))
  end
end

return M
