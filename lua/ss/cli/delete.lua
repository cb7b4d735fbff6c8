-- sandscript delete -f FILE|DIR…: in reverse dependency order; or KIND NAME…, KIND/NAME…. What is
-- already gone is said and is no error: the outcome is the one asked for.
local manifests = require("ss.cli.manifests")
local native = require("ss.native")
local progress = require("ss.cli.progress")
local protected = require("ss.protected")
local targets = require("ss.cli.targets")

local M = {}

-- Is the kind one that lives in no namespace? By what was deleted, or by what was not there.
local function is_cluster_scoped(deleted, err)
  local metadata = type(deleted) == "table" and deleted.metadata
  if metadata then
    return metadata.namespace == nil
  end
  return err and err.object and not err.object:find("/", 1, true)
end

-- What became of it, as a word; and whether it was in no namespace.
local function delete_one(object, job)
  local deleted, err = k8s.delete({
    apiVersion = object.apiVersion,
    kind = object.kind,
    name = object.metadata.name,
    namespace = object.metadata.namespace or job.given_namespace,
  }, {
    wait = job.options.wait or false,
    dryRun = job.options["dry-run"] or false,
    timeout = job.timeout,
    ignoreNotFound = false,
  })
  if deleted then
    return job.options["dry-run"] and "would be deleted (dry run)" or "deleted", is_cluster_scoped(deleted)
  elseif err.code == "not_found" and err.status == 404 then
    return "was not there", is_cluster_scoped(nil, err)
  end
  error(err, 0)
end

local function named(job)
  local objects = {}
  for i, target in ipairs(targets.parse("delete", job.args)) do
    if not target.name then
      native.fail("usage", ("delete: which %s? Write delete %s NAME…"):format(target.kind, target.kind))
    end
    objects[i] = { object = { kind = target.kind, metadata = { name = target.name,
      namespace = job.given_namespace } } }
  end
  return objects
end

function M.main(job)
  if job.options.file and job.args[1] then
    native.fail("usage", "delete: -f FILE or KIND NAME…, not both")
  end
  local objects = job.args[1] and named(job) or manifests.sort(manifests.read(job.options.file), true)
  protected.ask_for_all("delete", manifests.objects(objects), {
    dryRun = job.options["dry-run"] or false,
    namespace = job.given_namespace,
  })
  for _, entry in ipairs(objects) do
    local object = entry.object
    local what = manifests.describe(object)
    local verb, everywhere = progress.run("deleting " .. what, function()
      return delete_one(object, job)
    end)
    if everywhere and object.metadata.namespace then
      object.metadata.namespace = nil
      what = manifests.describe(object)
    end
    print(("%s %s (%s)"):format(what, verb, manifests.target(job)))
  end
  return 0
end

return M
