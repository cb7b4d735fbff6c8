-- sandscript policy diff FOLDER [FOLDER]: what separates two policy folders, offline. Exits 0 when
-- nothing does, 1 when something, 2 when an adapter does not load.
local compare = require("ss.policy_compare").compare
local native = require("ss.native")
local tables = require("ss.table")

local M = {}

local REMARKS = {
  new = "the adapter is new",
  gone = "the adapter is gone",
  rewritten = "another text, which makes the same of these requests",
}

-- "-" is one that names nothing but itself.
local function request_of(change)
  return change.tenant and "tenant " .. change.tenant or change.case and "case " .. change.case or "-"
end

local function print_table(adapters)
  local rows = { { "ADAPTER", "REQUEST", "FIELD", "FROM", "TO", "EFFECT" } }
  for _, adapter in ipairs(adapters) do
    if REMARKS[adapter.status] then
      rows[#rows + 1] = { adapter.name, "-", "-", "-", "-", REMARKS[adapter.status] }
    end
    for _, change in ipairs(adapter.changes) do
      rows[#rows + 1] = {
        adapter.name, request_of(change), change.path, tables.value(change.from), tables.value(change.to),
        change.effect or "-",
      }
    end
  end
  if #rows > 1 then
    print(tables.rows(rows))
  end
end

local function count(adapters)
  local n = { changed = 0, new = 0, gone = 0, rewritten = 0, same = 0 }
  for _, adapter in ipairs(adapters) do
    n[adapter.status] = n[adapter.status] + 1
  end
  return n
end

local function print_document(result, job)
  local document = { from = job.from, to = job.to, adapters = result.adapters, failed = result.failed }
  if job.output == "json" then
    print(json.encode(document, { indent = true }))
  else
    print((yaml.encode(document):gsub("\n$", "")))
  end
end

local function print_failures(failed)
  for _, failure in ipairs(failed) do
    native.tell(("sandscript: %s%s: does not load: %s"):format(failure.file,
      failure.line and failure.line > 0 and (":%d"):format(failure.line) or "", failure.message))
  end
end

--- @param job { from: string, to: string, output: string? }
--- @return integer exit code
function M.main(job)
  local result = assert(compare(job.from, job.to))
  local n = count(result.adapters)
  if job.output == "json" or job.output == "yaml" then
    print_document(result, job)
  else
    print_table(result.adapters)
    print(("%d of %d adapters change, %d new, %d gone"):format(n.changed, #result.adapters, n.new, n.gone))
  end
  print_failures(result.failed)
  return #result.failed > 0 and 2 or n.changed + n.new + n.gone > 0 and 1 or 0
end

return M
