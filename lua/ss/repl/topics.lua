-- help "topic": what is about no single function. The functions are in lua/ss/api.
local M = {}

local ipairs = ipairs

local TOPICS = {
  {
    name = "prompt",
    text = [[What is typed runs as Lua and its value is shown; nil, err is reported as an error. An input that
is not complete goes on on the next line. A local lives for one input; other variables stay.
    _  _1 … _9   the last value, and those before it
    _err         the last error: _err.code, _err.message, _err.causes
    :out yaml    how values print (auto, yaml, json, lua, table); :all prints the last one uncut
A line that begins with a colon is a command (:help lists them), one with ? asks for help.]],
  },
  {
    name = "keys",
    text = [[Tab completes: names, fields, option keys, kinds, namespaces, names of objects, contexts, files.
Up and Down go through the history, a block at a time; Ctrl-R searches it. A line that begins with a space,
or holds a secret, is not kept.
Ctrl-C clears the line, or stops what runs (a wait, a watch, a loop); again stops it hard. Ctrl-D leaves.
~/.editrc is read: `bind -v` in it gives the keys of vi.]],
  },
  {
    name = "errors",
    text = [[Misuse (a wrong type, an unknown option) raises; what may fail at run time returns nil, err.
err.code is one of not_found, already_exists, conflict, invalid, forbidden, unauthorized, gone, timeout,
canceled, rate_limited, unavailable, tls, policy, limit …; also err.message, err.status, err.reason,
err.causes, err.retryable, err.op, err.object. assert(k8s.get{…}) raises the same table.]],
  },
  {
    name = "ref",
    text = [[What names an object: the object itself, or {kind=, name=, namespace=, apiVersion=}. kind is any name
of the kind: "Pod", "pods", "po". Without a namespace it is the prompt's (:namespace).]],
  },
  {
    name = "jobs",
    text = [[task.spawn(fn) and :watch KIND run beside the prompt; what they print appears above it.
    :jobs            what runs, and what ended last
    :jobs stop 1     stops one
Leaving ends them all.]],
  },
  {
    name = "safety",
    text = [[Contexts that the configuration protects (protected = {"prod"} in
~/.config/sandscript/config.lua) have a red prompt, and apply, create, patch and delete ask there, with the
objects and their number, also inside tasks and for clients of k8s.connect. Without a terminal they are
refused. A dry run does not ask. `sandscript repl --read-only` writes nothing at all.]],
  },
}

function M.names()
  local names = {}
  for i, topic in ipairs(TOPICS) do
    names[i] = topic.name
  end
  return names
end

--- @return string|nil text
function M.text(name)
  for _, topic in ipairs(TOPICS) do
    if topic.name == name then
      return topic.text
    end
  end
end

return M
