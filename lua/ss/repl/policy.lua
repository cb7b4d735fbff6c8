-- :policy: adapters, generations, and what they would change for the sandboxes that are there.
local _, ss = ...
local eval = require("ss.repl.eval")
local native = require("ss.native")

local M = {}

local ipairs, math, require, table, tonumber, tostring, type =
  ipairs, math, require, table, tonumber, tostring, type

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

local function names_of(changed)
  local names = {}
  for i, name in ipairs(changed or {}) do
    names[i] = type(name) == "table" and tostring(name.name) or tostring(name)
  end
  return #names > 0 and " (" .. table.concat(names, ", ") .. ")" or ""
end

--- Load what stands in the policy folder, say which generation serves, and what that means for
--- the sandboxes that are there.
function M.reload(session)
  local before = select(2, call("list"))
  local generation, info = call("reload")
  if not generation then
    return fail(session, info)
  end
  info = type(info) == "table" and info or {}
  local changed = not before or type(before) ~= "table" or before.generation ~= generation
  session:say(("generation %d serves%s"):format(generation, changed and names_of(info.changed) or ": nothing changed"))
  say_failures(session, info.failed)
  if changed and session:target() then
    M.live(session, {})
  end
  return #(info.failed or {}) > 0 and 1 or 0
end

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
  local generation, err = call("rollback", n)
  if not generation then
    return fail(session, err)
  end
  session:say(("generation %d serves, with the content of %d"):format(generation, n))
  return session:target() and M.live(session, {}) or 0
end

M.COMMANDS = { "list", "reload", "history", "diff", "rollback", "live" }

local commands = {
  list = list, reload = M.reload, history = history, diff = diff, rollback = rollback, live = M.live,
}

function M.command(session, _, words)
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
