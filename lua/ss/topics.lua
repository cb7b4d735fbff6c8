-- The topics of help, for the prompt and for `sandscript help`: what is about no single command or function.
-- Adding one: an entry here. What the engine knows (rules, codes, fields) comes from where it is used.
local native = require("ss.native")

local M = {}

local ipairs, require, table, utf8 = ipairs, require, table, utf8

local MAX_NAMES = 32 -- columns

--- Names with what they are beside them, at most 80 columns wide.
--- @param list string[][] {name, text}
--- @param indent? integer of the names, 2 by default
function M.rows(list, indent)
  local pad, widest, lines = (" "):rep(indent or 2), 0, {}
  for _, row in ipairs(list) do
    local width = utf8.len(row[1])
    widest = width <= MAX_NAMES and width > widest and width or widest
  end
  for i, row in ipairs(list) do
    lines[i] = native.fill(row[2], #pad + widest + 2, pad .. row[1])
  end
  return table.concat(lines, "\n")
end

local GUARD = [[Every object that holds a PodSpec passes the guard before it is sent (k8s.apply, create, patch), and
so does every manifest that `sandscript build` and policy.build make; `sandscript check` and sandbox.check ask it. What
it refuses gives exit code 3; err.code is "policy", and err[1], err[2] … have the path, rule, message and fix of each
violation.]]

-- --- the rules of the guard -----------------------------------------------------------------

local function about_rule(rule)
  local waive = rule.waivable
    and ("--waive %s for all objects, --waive %s=NAMESPACE/NAME for one (`help waive`)"):format(rule.id, rule.id)
    or "none: this rule cannot be waived"
  return ("%s, a rule of the guard\n%s"):format(rule.id, M.rows {
    { "asks for", rule.summary },
    { "holds for", rule.level },
    { "to pass", rule.fix },
    { "waiver", waive },
  })
end

-- The rules by what they belong to, in the order in which the guard has them.
local function by_level()
  local levels, of = {}, {}
  for _, rule in ipairs(native.guard_rules()) do
    if not of[rule.level] then
      of[rule.level] = {}
      levels[#levels + 1] = rule.level
    end
    table.insert(of[rule.level], { rule.id, rule.summary })
  end
  return levels, of
end

local function guard()
  local parts = { native.fill(GUARD) }
  local levels, of = by_level()
  for _, level in ipairs(levels) do
    parts[#parts + 1] = ("\n%s:\n%s"):format(level:gsub("^%l", string.upper), M.rows(of[level]))
  end
  return table.concat(parts, "\n")
end

-- --- what the engine knows -------------------------------------------------------------------

local function config()
  local list = {}
  for i, field in ipairs(native.config_fields()) do
    list[i] = { field.name, ("%s: %s"):format(field.list and "a list of strings" or "a string", field.help) }
  end
  return native.fill([[The first of $XDG_CONFIG_HOME/sandscript/config.lua (~/.config where that is not set) and
/etc/sandscript/config.lua that is there. It is Lua that returns a table:

    return { waive = { "P06=demo/legacy" }, policy = "/srv/policy" }
]]) .. "\n\n" .. M.rows(list) .. "\n\n" .. native.fill([[Scripts and policies can neither read nor write it. One that
others may write is warned about, or refused while policies are watched.]])
end

local function errors()
  local list = {}
  for i, code in ipairs(native.error_codes()) do
    list[i] = { code.code, ("exit %d: %s"):format(code.exit, code.meaning) }
  end
  return native.fill([[Misuse (a wrong type, an unknown option) raises; what may fail at run time returns nil, err.
err.code says what it is, err.message tells it in one line; where they are known: err.status (HTTP), err.reason
(Kubernetes' own word), err.causes, err.retryable, err.op, err.object. assert(k8s.get{…}) raises the same table. An
error that ends the run gives its exit code. At the prompt and with -e a failure whose err nobody looked at (a field
read, printed, raised, or kept in a global) is told when the input ends, and makes it fail.]]) .. "\n\n" .. M.rows(list)
end

local function exit_codes()
  local list = {}
  for i, row in ipairs(native.exit_codes()) do
    list[i] = { ("%3d"):format(row.code), row.meaning }
  end
  return M.rows(list) .. "\n\n" .. native.fill([[An error that nobody caught ends with the code that `help errors` has
beside its err.code. `sandscript diff` and `policy diff` exit 0 for no difference, 1 for one, and above 1 when they
failed. os.exit(CODE) of a script gives its own.]])
end

-- --- policy files ----------------------------------------------------------------------------

local function add_fields(list, fields)
  for _, field in ipairs(fields) do
    list[#list + 1] = { field.name, field.help .. (field.required and " (required)" or "") }
  end
end

local function about_file(topic)
  local fields, list = require("ss.policy_fields"), {}
  local file = fields.FILES[topic]
  add_fields(list, file.fields)
  add_fields(list, fields.declared())
  return ("return %s { name = value, … }    in %s\n%s\n\n%s"):format(topic, file.file,
    native.fill(file.help, 4), M.rows(list))
end

-- --- the list -----------------------------------------------------------------------------------

--- text: prose that is filled, or a function that makes all of it.
local TOPICS = {
  { name = "topics", summary = "all that help knows", text = function() return M.all() end },
  { name = "adapter", summary = "the policy file of a kind of agent",
    text = function() return about_file("adapter") end },
  { name = "overlay", summary = "the policy file of what differs at a site, or for a tenant",
    text = function() return about_file("overlay") end },
  { name = "config", summary = "the configuration file, config.lua", text = config },
  { name = "guard", summary = "the rules that every pod has to pass", text = guard },
  { name = "waive", summary = "let a rule of the guard pass",
    text = [[A waiver lets one rule of the guard pass. It is the operator's alone: no script and no policy gives one.

    --waive P06                     for every object of this run
    --waive P06=demo/s1             for the object s1 in the namespace demo
    waive = { "P06=demo/s1" }       in config.lua, for every run

Rules are named as in the guard's messages (`help guard` lists them; names are compared exactly). --waive may be
repeated. What a waiver let pass is logged, with rule, object and path. The rule malformed cannot be waived.]] },
  { name = "errors", summary = "err.code, what it means, and the exit code it gives", text = errors },
  { name = "exit", summary = "the exit codes of sandscript", text = exit_codes },
  { name = "ref", summary = "what names an object",
    text = [[What names an object: the object itself, or {kind=, name=, namespace=, apiVersion=}. kind is any name of
the kind: "Pod", "pods", "po". Without a namespace it is that of the context, or of -n (at the prompt: :namespace).]] },
  { name = "prompt", summary = "how the prompt reads and prints",
    text = [[What is typed runs as Lua and its value is shown; nil, err is reported as an error. An input that is not
complete goes on on the next line. Variables stay, those that an input declares by `local` as well.

    _  _1 … _9   the last value, and those before it
    _err         the last error: _err.code, _err.message, _err.causes
    :out yaml    how values print (auto, yaml, json, lua, table)
    :all         prints the last value uncut

A line that begins with a colon is a command (:help lists them), one with ? asks for help.]] },
  { name = "keys", summary = "the keys of the prompt",
    text = [[Tab completes: names, fields, option keys, kinds, namespaces, names of objects, contexts, files.
Up and Down go through the history, a block at a time; Ctrl-R searches it. A line that begins with a space, or holds a
secret, is not kept.

Ctrl-C clears the line, or stops what runs (a wait, a watch, a loop); again stops it hard. Ctrl-D leaves.

~/.editrc is read: `bind -v` in it gives the keys of vi.]] },
  { name = "jobs", summary = "what runs beside the prompt",
    text = [[task.spawn(fn) and :watch KIND run beside the prompt; what they print appears above it.

    :jobs            what runs, and what ended last
    :jobs stop 1     stops one

Leaving ends them all.]] },
  { name = "safety", summary = "protected contexts, read-only sessions",
    text = [[Contexts that the configuration protects (protected = {"prod"} in config.lua) have a red prompt, and apply,
create, patch and delete ask there, with the objects and their number, also inside tasks and for clients of
k8s.connect. So do scripts, and the commands apply and delete, once for all of their objects. Without a terminal to
ask at they are refused (exit code 4); `--yes` writes without asking. A dry run does not ask.
`sandscript repl --read-only` writes nothing at all.]] },
}

--- @return { name: string, summary: string }[] topics, then the rules of the guard
function M.list()
  local list = {}
  for i, topic in ipairs(TOPICS) do
    list[i] = { name = topic.name, summary = topic.summary }
  end
  for _, rule in ipairs(native.guard_rules()) do
    list[#list + 1] = { name = rule.id, summary = rule.summary }
  end
  return list
end

--- The names of the topics that somebody wrote: those of M.list without the rules.
function M.names()
  local names = {}
  for i, topic in ipairs(TOPICS) do
    names[i] = topic.name
  end
  return names
end

--- @return string|nil text of a topic or a rule
function M.text(name)
  for _, topic in ipairs(TOPICS) do
    if topic.name == name then
      return type(topic.text) == "string" and native.fill(topic.text) or topic.text()
    end
  end
  for _, rule in ipairs(native.guard_rules()) do
    if rule.id:lower() == name:lower() then
      return about_rule(rule)
    end
  end
end

--- What `help topics` says.
function M.all()
  local api = require("ss.reference")
  local topics, commands, rules = {}, {}, {}
  for i, topic in ipairs(TOPICS) do
    topics[i] = { topic.name, topic.summary }
  end
  for i, command in ipairs(native.commands()) do
    commands[i] = command.name
  end
  for i, rule in ipairs(native.guard_rules()) do
    rules[i] = rule.id
  end
  return ("Topics:\n%s\n\n%s\n\n%s\n\n%s"):format(M.rows(topics),
    native.fill(table.concat(commands, ", "), 11, "Commands:"),
    native.fill(table.concat(api.modules(), ", ") .. "; functions as k8s.apply", 11, "Modules:"),
    native.fill(table.concat(rules, ", "), 11, "Rules:"))
end

return M
