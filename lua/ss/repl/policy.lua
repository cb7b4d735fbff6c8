-- :policy: adapters, generations, and what they would change for the sandboxes that are there.
local _, ss = ...
local eval = require("ss.repl.eval")
local native = require("ss.native")

local M = {}

local ipairs, math, pcall, require, select, table, tonumber, tostring, type =
  ipairs, math, pcall, require, select, table, tonumber, tostring, type

local LIVE_TIMEOUT_S = 10

local function fail(session, err)
  session:report_error(err)
  return 1
end

-- A function of the policy module; an error for what raises.
local function call(name, ...)
  local fn = ss.policy[name]
  if not fn then
    return nil, ("this program has no policy.%s"):format(name)
  end
  local results, err = eval.call(fn, ...)
  if not results then
    return nil, err
  end
  return table.unpack(results, 1, results.n)
end

local function say_failures(session, failures)
  for _, failure in ipairs(failures or {}) do
    local name, line = tostring(failure.file or failure.name), failure.line
    session:tell(session.style("error", native.escape(("%s%s: %s"):format(name,
      line and line ~= 0 and ":" .. tostring(line) or "", tostring(failure.message)))) .. "\n")
  end
end

local function list(session)
  local adapters, info = call("list")
  if not adapters then
    return fail(session, info)
  end
  session:show(table.pack(adapters))
  session:say(("generation %d, %d adapters"):format(info.generation, #adapters))
  say_failures(session, info.failed)
  return #info.failed > 0 and 1 or 0
end

--- What the policy would change for live sandboxes, as a table and a last line.
--- @param words string[]  [ADAPTER] [-A]
function M.live(session, words)
  local target, err = session:target()
  if not target then
    return fail(session, err)
  end
  local all, adapter = false, nil
  for _, word in ipairs(words) do
    if word == "-A" then
      all = true
    else
      adapter = word
    end
  end
  local results
  results, err = eval.call(require("ss.cli.policy_diff").main, {
    args = { "diff", adapter },
    options = { ["all-namespaces"] = all },
    namespace = target.namespace,
    output = "table",
    timeout = LIVE_TIMEOUT_S,
  })
  if not results then
    return fail(session, err)
  end
  return results[1] > 1 and 1 or 0
end

-- " (claude_local, codex_local)"
local function names_of(changed)
  local names = {}
  for i, name in ipairs(changed or {}) do
    names[i] = type(name) == "table" and tostring(name.name) or tostring(name)
  end
  return #names > 0 and " (" .. table.concat(names, ", ") .. ")" or ""
end

-- Call what makes a generation. The log says which serves then, and why a file does not.
local function change(session, name, ...)
  local known = session.said_generation or (select(2, call("list")) or {}).generation
  session.said_generation = math.huge -- whoever follows the folder keeps quiet meanwhile
  local generation, info = call(name, ...)
  session.said_generation = generation or known
  return generation, info, generation ~= known
end

--- Load what stands in the policy folder, and say what that means for the sandboxes that are there.
function M.reload(session)
  local generation, info, changed = change(session, "reload")
  if not generation then
    return fail(session, info)
  elseif not changed then
    session:say(("generation %d serves: nothing changed"):format(generation))
    say_failures(session, info.failed)
  elseif session:target() then
    M.live(session, {})
  end
  return #info.failed > 0 and 1 or 0
end

--- Is it a file of the policy folder?
function M.holds(path)
  for _, adapter in ipairs((call("list")) or {}) do
    local folder = adapter.file:match("^(.*)/[^/]+/[^/]+$")
    if adapter.file:sub(-#path - 1) == "/" .. path or folder and path:sub(1, #folder + 1) == folder .. "/" then
      return true
    end
  end
  return false
end

-- --- following the folder -------------------------------------------------------------------

local FOLLOW_S = 86400

-- How far a change reaches among the sandboxes of the namespace, when it reaches any.
local function say_radius(session)
  local target = session:target()
  local live = require("ss.policy_live")
  local results = target and live.changes { namespace = target.namespace, timeout = LIVE_TIMEOUT_S }
  local radius = results and live.radius(results)
  if radius and radius.changed > 0 then
    session:note(("%d of %d sandbox%s in namespace %s would change, %d by a new pod (:policy live)"):format(
      radius.changed, radius.total, radius.total == 1 and "" or "es", target.namespace, radius.new_pod))
  end
end

-- The log has said which generation serves, and what failed. What a command changed, the command
-- shows itself.
local function say_generation(session, generation)
  if generation <= (session.said_generation or 0) then
    return
  end
  session.said_generation = generation
  if session.used_cluster then
    say_radius(session)
  end
end

local function follow(session)
  local adapters, info = call("list")
  local generation = adapters and info.generation
  session.said_generation = session.said_generation or generation
  while generation do
    local now, err = ss.policy.wait(generation + 1, { timeout = FOLLOW_S })
    if now then
      say_generation(session, now)
    end
    generation = now or err.code == "timeout" and generation
  end
  session.follower = nil
end

--- Say what edits of the policy folder reach; for a session at a terminal, once it uses one.
function M.follow(session)
  if not session.follower and session.terminal.tty then
    session.follower = session.jobs.spawn(pcall, follow, session)
  end
end

-- --- generations -----------------------------------------------------------------------------

local function history(session)
  local generations, err = call("history")
  if not generations then
    return fail(session, err)
  end
  local rows = { { "GENERATION", "AT", "REASON", "CHANGED" } }
  for i, g in ipairs(generations) do
    rows[i + 1] = {
      tostring(g.generation), tostring(g.at), tostring(g.reason), (names_of(g.changed):gsub("^ %((.*)%)$", "%1")),
    }
  end
  session:write(require("ss.table").rows(rows) .. "\n")
  return 0
end

-- A unified diff in colour.
local function colour(session, text)
  local lines = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch("(.-)\n") do
    local sign = line:sub(1, 1)
    local safe = line:gsub("[^\t]+", native.escape)
    lines[#lines + 1] = sign == "+" and session.style("good", safe) or sign == "-" and session.style("error", safe)
      or sign == "@" and session.style("note", safe) or safe
  end
  return table.concat(lines, "\n") .. "\n"
end

local function diff(session, words)
  local a, b = math.tointeger(tonumber(words[1])), math.tointeger(tonumber(words[2]))
  if words[1] and not a or words[2] and not b then
    return fail(session, ":policy diff [A B], where A and B are generations (:policy history)")
  end
  local result, err = call("diff", a, b)
  if not result then
    return fail(session, err)
  elseif result.same then
    session:say("the same")
  else
    session:write(colour(session, tostring(result.text)))
  end
  return 0
end

local function rollback(session, words)
  local n = math.tointeger(tonumber(words[1]))
  if not n then
    return fail(session, ":policy rollback N, where N is a generation (:policy history)")
  end
  local generation, err = change(session, "rollback", n)
  if not generation then
    return fail(session, err)
  end
  return session:target() and M.live(session, {}) or 0
end

M.COMMANDS = { "list", "reload", "history", "diff", "rollback", "live" }

local commands = {
  list = list, reload = M.reload, history = history, diff = diff, rollback = rollback, live = M.live,
}

function M.command(session, _, words)
  M.follow(session)
  local name = table.remove(words, 1) or "list"
  local run = commands[name]
  if not run then
    local near = native.suggest(name, M.COMMANDS)
    return fail(session, (":policy has no '%s'%s"):format(name,
      near and (": did you mean '%s'?"):format(near) or "; it has " .. table.concat(M.COMMANDS, ", ")))
  end
  return run(session, words)
end

return M
