-- sandscript policy history: the generations of this process.
local native = require("ss.native")
local tables = require("ss.table")

local M = {}

local NOTE = "sandscript: generations are counted in each process, and this one has just begun: "
  .. "one that serves has its own (policy.history() in its script, :policy history at its prompt)"

local function names_of(changed)
  local names = {}
  for i, change in ipairs(changed) do
    names[i] = ("%s %s"):format(change.name, change.change)
  end
  return #names > 0 and table.concat(names, ", ") or "-"
end

local function print_table(generations)
  local rows = { { "GENERATION", "AT", "REASON", "SERVING", "CHANGED" } }
  for i, g in ipairs(generations) do
    rows[i + 1] = { tostring(g.generation), g.at, g.reason, g.serving and "yes" or "no", names_of(g.changed) }
  end
  print(tables.rows(rows))
end

--- @param job { output: string? }
--- @return integer exit code
function M.main(job)
  local generations = assert(policy.history())
  if job.output == "json" then
    print(json.encode(generations, { indent = true }))
  elseif job.output == "yaml" then
    print((yaml.encode(generations):gsub("\n$", "")))
  else
    print_table(generations)
  end
  native.tell(NOTE)
  return 0
end

return M
