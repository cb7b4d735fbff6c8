-- sandscript apply -f FILE|DIR…
local manifests = require("ss.cli.manifests")
local progress = require("ss.cli.progress")

local M = {}

-- Server-side apply answers 200 whether it changed something or not; the
-- resourceVersion before tells. Who may not read the object may still apply it.
local function version_before(object, job)
  local before, err = k8s.get({
    apiVersion = object.apiVersion,
    kind = object.kind,
    name = object.metadata.name,
    namespace = object.metadata.namespace or job.given_namespace,
  }, { timeout = job.timeout })
  if err and err.code ~= "not_found" and err.code ~= "forbidden" then
    err.op = "apply"
    error(err, 0)
  end
  return before and before.metadata.resourceVersion
end

local function change(before, stored)
  if not before then
    return "created"
  end
  return before == stored.metadata.resourceVersion and "unchanged" or "configured"
end

local function apply_one(entry, job)
  local before = version_before(entry.object, job)
  local stored = assert(k8s.apply(entry.object, {
    dryRun = job.options["dry-run"] or false,
    force = job.options["force-conflicts"] or false,
    namespace = job.given_namespace,
    timeout = job.timeout,
  }))
  local verb = change(before, stored)
  if job.options["dry-run"] then
    -- A dry run stores nothing, so the version cannot tell a change.
    verb = before and "would be applied (dry run)" or "would be created (dry run)"
  end
  return stored, verb
end

function M.main(job)
  local objects = manifests.sort(manifests.read(job.options.file))
  for i, entry in ipairs(objects) do
    local stored, verb = progress.run("applying " .. manifests.describe(entry.object), function()
      return apply_one(entry, job)
    end)
    if job.output == "yaml" then
      print((i > 1 and "---\n" or "") .. yaml.encode(stored):gsub("\n$", ""))
    elseif job.output == "json" then
      print(json.encode(stored))
    elseif job.output == "name" then
      print(("%s/%s"):format(stored.kind:lower(), stored.metadata.name))
    else
      print(("%s %s (%s)"):format(manifests.describe(stored), verb, manifests.target(job)))
    end
  end
  return 0
end

return M
