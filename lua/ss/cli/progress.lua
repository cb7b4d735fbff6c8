-- A line on stderr when something takes longer than a second, and whenever its
-- reason changes from then on.
local native = require("ss.native")

local M = {}

local DELAY_S = 1

--- @param what string what is being waited for
--- @return { update: fun(text: string), stop: fun() }
function M.start(what)
  local latest, shown
  local function emit(text)
    native.tell(text and "waiting: " .. text or what .. " …")
  end
  local timer = task.spawn(function()
    if task.sleep(DELAY_S) then
      shown = true
      emit(latest)
    end
  end)
  return {
    update = function(text)
      if text ~= latest then
        latest = text
        if shown then
          emit(text)
        end
      end
    end,
    stop = function()
      task.cancel(timer)
    end,
  }
end

--- Run fn(progress.update) with a progress line; what it returns comes back, what it raises goes on.
function M.run(what, fn)
  local progress = M.start(what)
  local results = table.pack(pcall(fn, progress.update))
  progress.stop()
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

return M
