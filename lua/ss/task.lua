-- task.map; the rest of the module is src/bind/task.c.
local _, ss = ...
local task = ss.task

local M = {}

local function check_options(options)
  local width = 50
  for key, value in pairs(options or {}) do
    if key ~= "width" then
      error(("task.map: unknown option '%s'; there is only 'width'"):format(tostring(key)), 3)
    end
    width = value
  end
  if math.type(width) ~= "integer" or width < 1 then
    error("task.map: option 'width' must be an integer above 0", 3)
  end
  return width
end

local function cancel_others(run, me)
  for i, worker in ipairs(run.workers) do
    if i ~= me then
      task.cancel(worker)
    end
  end
end

-- Takes the next position until there is none, or one has raised.
local function work(run, me)
  while run.next <= run.n and not run.failed do
    local i = run.next
    run.next = i + 1
    local ok, value = pcall(run.fn, run.list[i], i)
    if ok then
      run.results[i] = value
    elseif not run.failed then
      run.failed, run.err = true, value
      cancel_others(run, me)
    end
  end
end

-- task.map(list, fn, {width = 50}) --> list of the first results, at the positions of the items
-- Calls fn(item, position) for every item, at most width at a time.
-- raises: what the first failing fn raised, after the others were cancelled; for wrong types
-- returns nil, err: limit; canceled, when the caller was (so are the calls under way)
-- yields: yes
function M.map(list, fn, options)
  if type(list) ~= "table" then
    error("task.map: the list must be a table, not a " .. type(list), 2)
  elseif type(fn) ~= "function" then
    error("task.map: fn must be a function, not a " .. type(fn), 2)
  elseif options ~= nil and type(options) ~= "table" then
    error("task.map: the options must be a table, not a " .. type(options), 2)
  end
  local run = { list = list, fn = fn, n = #list, next = 1, results = {}, workers = {} }
  local stopped
  for i = 1, math.min(check_options(options), run.n) do
    local worker, err = task.spawn(work, run, i)
    if not worker then
      stopped, run.failed = err, true
      cancel_others(run)
      break
    end
    run.workers[i] = worker
  end
  for _, worker in ipairs(run.workers) do
    local _, err = task.join(worker)
    if err and not stopped and not run.failed then
      stopped, run.failed = err, true
      cancel_others(run)
    end
  end
  if stopped then
    return nil, stopped
  elseif run.failed then
    error(run.err, 0)
  end
  return run.results
end

return M
