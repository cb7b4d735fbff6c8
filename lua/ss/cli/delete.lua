-- sandscript delete -f FILE|DIR…: in reverse dependency order. What is already
-- gone is said and is no error: the outcome is the one asked for.
local manifests = require("ss.cli.manifests")
local progress = require("ss.cli.progress")

local M = {}

local function delete_one(object, job)
  local meta = object.metadata or {}
  if type(meta.name) ~= "string" then
    error(("%s: metadata.name is missing"):format(object.kind), 0)
  end
  return assert(k8s.delete({
    apiVersion = object.apiVersion,
    kind = object.kind,
    name = meta.name,
    namespace = meta.namespace or job.given_namespace,
  }, {
    wait = job.options.wait or false,
    dryRun = job.options["dry-run"] or false,
    timeout = job.timeout,
  }))
end

function M.main(job)
  local objects = manifests.sort(manifests.read(job.options.file), true)
  for _, entry in ipairs(objects) do
    local object = entry.object
    local what = manifests.describe(object)
    local last = progress.run("deleting " .. what, function()
      return delete_one(object, job)
    end)
    local verb = job.options["dry-run"] and "would be deleted (dry run)" or "deleted"
    if last == true then
      verb = "was not there"
    end
    print(("%s %s (%s)"):format(what, verb, manifests.target(job)))
  end
  return 0
end

return M
