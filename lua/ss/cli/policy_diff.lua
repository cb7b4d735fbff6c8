-- sandscript policy diff --live [ADAPTER] [-A]: what the policy would change for the sandboxes
-- that are there. Exits 0 when nothing, 1 when something, above 1 when it could not be told for all.
local live = require("ss.policy_live")
local native = require("ss.native")
local progress = require("ss.cli.progress")
local tables = require("ss.table")

local M = {}

local function name_of(result, job)
  local ref = result.object
  return job.options["all-namespaces"] and ref.namespace .. "/" .. ref.name or ref.name
end

local function print_table(results, job)
  local rows = { { "SANDBOX", "FIELD", "FROM", "TO", "EFFECT" } }
  for _, result in ipairs(results) do
    for _, change in ipairs(result.changes) do
      rows[#rows + 1] = {
        name_of(result, job), change.path, tables.value(change.from), tables.value(change.to), change.effect,
      }
    end
  end
  if #rows > 1 then
    print(tables.rows(rows))
  end
end

local function print_failures(results, job)
  for _, result in ipairs(results) do
    if result.error then
      native.tell(("sandscript: %s: %s"):format(name_of(result, job), tostring(result.error)))
    end
  end
end

local function sandboxes(n)
  return ("%d sandbox%s"):format(n, n == 1 and "" or "es")
end

local function summary(radius, job)
  local where = job.options["all-namespaces"] and "" or " in namespace " .. job.namespace
  if radius.total == 0 then
    return ("no sandbox%s was made by %s"):format(where, job.args[2] and "adapter " .. job.args[2] or "an adapter")
  end
  local text = ("%d of %s change%s, %d need%s a new pod"):format(radius.changed, sandboxes(radius.total),
    radius.changed == 1 and "s" or "", radius.new_pod, radius.new_pod == 1 and "s" or "")
  return radius.failed > 0 and ("%s; %d could not be compared"):format(text, radius.failed) or text
end

local function print_document(results, radius, output)
  for _, result in ipairs(results) do
    result.error = result.error and tostring(result.error)
  end
  local document = {
    sandboxes = json.array(results),
    total = radius.total,
    changed = radius.changed,
    newPod = radius.new_pod,
    failed = radius.failed,
  }
  if output == "json" then
    print(json.encode(document, { indent = true }))
  else
    print((yaml.encode(document):gsub("\n$", "")))
  end
end

-- An adapter that is not there is a typing error, unless a sandbox was made by it.
local function check_adapter(results, name)
  if name and #results == 0 then
    assert(policy.get(name))
  end
end

function M.main(job)
  local results = progress.run("comparing sandboxes", function()
    return assert(live.changes {
      adapter = job.args[2],
      namespace = not job.options["all-namespaces"] and job.namespace or nil,
      timeout = job.timeout,
    })
  end)
  check_adapter(results, job.args[2])
  local radius = live.radius(results)
  if job.output == "json" or job.output == "yaml" then
    print_document(results, radius, job.output)
  else
    print_table(results, job)
    print(native.escape(summary(radius, job)))
  end
  print_failures(results, job)
  return radius.failed > 0 and 2 or radius.changed > 0 and 1 or 0
end

return M
