-- sandscript apply -f FILE|DIR…
local manifests = require("ss.cli.manifests")
local native = require("ss.native")
local progress = require("ss.cli.progress")
local protected = require("ss.protected")

local M = {}

-- Server-side apply answers 200 whether it changed something or not, and real API servers
-- may count a version up for nothing: the state before tells. Who may not read the object
-- may still apply it.
local function state_before(object, job)
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
  return before, err and err.code == "forbidden"
end

local function verb_of(before, stored, job)
  local verb = "created"
  if before then
    verb = native.same(before, stored) and "unchanged" or "configured"
  end
  if job.options["dry-run"] then
    return ("would be %s (dry run)"):format(verb)
  end
  return verb
end

local function options_of(job)
  return {
    dryRun = job.options["dry-run"] or false,
    force = job.options["force-conflicts"] or false,
    namespace = job.given_namespace,
    timeout = job.timeout,
  }
end

local function apply_one(entry, job)
  local before, hidden = state_before(entry.object, job)
  local stored = assert(k8s.apply(entry.object, options_of(job)))
  return stored, hidden and "applied" or verb_of(before, stored, job)
end

function M.main(job)
  local objects = manifests.sort(manifests.read(job.options.file))
  protected.ask_for_all("apply", manifests.objects(objects), options_of(job))
  for i, entry in ipairs(objects) do
    local stored, verb = progress.run("applying " .. manifests.describe(entry.object), function()
      return apply_one(entry, job)
    end)
    if job.output == "yaml" then
      print((i > 1 and "---\n" or "") .. yaml.encode(stored):gsub("\n$", ""))
    elseif job.output == "json" then
      print(json.encode(stored))
    elseif job.output == "name" then
      print(manifests.name(stored))
    else
      print(("%s %s (%s)"):format(manifests.describe(stored), verb, manifests.target(job)))
    end
  end
  return 0
end

return M
