-- Tasks that were spawned at the prompt and go on by themselves: background jobs.
local _, ss = ...
local eval = require("ss.repl.eval")

local M = {}

local debug, pairs, setmetatable, table, tostring, type = debug, pairs, setmetatable, table, tostring, type
local clock = require("ss.native").clock

local MAX_ENDED, MAX_WHAT = 5, 60

local Jobs = {}
Jobs.__index = Jobs

--- @param session table with source_line(info), write and report_error
function M.new(session)
  local task = ss.task
  return setmetatable({
    session = session,
    spawn = task.spawn, -- the engine's, for work that is no job
    join = task.join,
    by_task = setmetatable({}, { __mode = "k" }),
    running = {}, -- id -> job
    ended = {}, -- the last ones, oldest first
    n_running = 0,
    last_id = 0,
  }, Jobs)
end

local function what_of(jobs, fn)
  local info = debug.getinfo(fn, "S")
  if info.what == "C" then
    return require("ss.reference").name_of(fn) or "a function"
  end
  local line = jobs.session:source_line(info)
  local place = ("%s:%d"):format(info.short_src, info.linedefined)
  return line and place .. " " .. line:sub(1, MAX_WHAT) or place
end

local function finish(jobs, job, state, err)
  jobs.running[job.id] = nil
  jobs.n_running = jobs.n_running - 1
  job.state, job.ended, job.task = state, clock(), nil
  job.err = err and table.concat(eval.error_lines(err), "\n") or nil
  table.insert(jobs.ended, job)
  if #jobs.ended > MAX_ENDED then
    table.remove(jobs.ended, 1)
  end
end

-- Waits for the end of a job, and says once when it failed and nobody asked for it.
local function attend(jobs, job, task)
  local results = table.pack(jobs.join(task))
  local err = eval.failure(results)
  if job.stopping and (not err or err.code == "canceled") then
    finish(jobs, job, "stopped")
  elseif not err then
    finish(jobs, job, "done")
  else
    finish(jobs, job, "failed", err)
    if not job.joined then
      jobs.session:report_error(err, nil, ("job %d (%s) failed: "):format(job.id, job.what))
    end
  end
end

--- Spawn fn(…) as a job.
--- @return userdata|nil task
--- @return table|nil err
function Jobs:start(what, fn, ...)
  local task, err = self.spawn(fn, ...)
  if not task then
    return nil, err
  end
  self.last_id = self.last_id + 1
  local job = { id = self.last_id, what = what, task = task, since = clock(), state = "running" }
  self.running[job.id] = job
  self.n_running = self.n_running + 1
  self.by_task[task] = job
  local attendant
  attendant, err = self.spawn(attend, self, job, task)
  if not attendant then
    ss.task.cancel(task)
    finish(self, job, "stopped")
    return nil, err
  end
  return task, job
end

--- task.spawn and task.join from here on know of jobs. The engine's own tasks are none.
function Jobs:install()
  ss.task.spawn = function(fn, ...)
    local caller = debug.getinfo(2, "S")
    if type(fn) ~= "function" or caller and caller.source:find("^=ss%.") then
      return self.spawn(fn, ...)
    end
    local task, err = self:start(what_of(self, fn), fn, ...)
    if not task then
      return nil, err
    end
    return task
  end
  ss.task.join = function(task, ...)
    local job = task ~= nil and self.by_task[task]
    if job then
      job.joined = true
    end
    return self.join(task, ...)
  end
end

function Jobs:uninstall()
  ss.task.spawn, ss.task.join = self.spawn, self.join
end

--- @return boolean found
function Jobs:stop(id)
  local job = self.running[id]
  if job then
    job.stopping = true
    ss.task.cancel(job.task)
  end
  return job ~= nil
end

function Jobs:stop_all()
  for id in pairs(self.running) do
    self:stop(id)
  end
end

local function ago(seconds)
  return seconds < 120 and ("%ds"):format(seconds // 1) or ("%dm"):format(seconds // 60)
end

--- Rows for a table: those that run, then the last that ended.
function Jobs:rows()
  local ids, rows = {}, { { "ID", "STATE", "SINCE", "WHAT" } }
  for id in pairs(self.running) do
    ids[#ids + 1] = id
  end
  table.sort(ids)
  for _, id in ipairs(ids) do
    local job = self.running[id]
    rows[#rows + 1] = { tostring(id), job.stopping and "stopping" or job.state, ago(clock() - job.since), job.what }
  end
  for _, job in ipairs(self.ended) do
    rows[#rows + 1] = { tostring(job.id), job.state, ago(clock() - job.ended), job.what }
  end
  return rows
end

return M
