-- Protected contexts at the prompt: see ss.protected.
local protected = require("ss.protected")

local M = {}

--- @param session table
--- @return table guard
function M.install(session)
  return protected.install {
    protected = session.protected,
    tty = session.terminal.tty,
    yes = session.yes,
    context = function()
      local target = session:target()
      return target and target.context
    end,
    ask = function(question)
      return session.terminal.ask(question)
    end,
    scope = function()
      if session.busy then
        return session.n_runs, "input"
      end
    end,
    spawn = session.jobs.spawn,
    join = session.jobs.join,
  }
end

return M
