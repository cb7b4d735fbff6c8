-- sandscript wait KIND NAME [--for CONDITION|delete]
local manifests = require("ss.cli.manifests")
local native = require("ss.native")
local progress = require("ss.cli.progress")

local M = {}

function M.main(job)
  local kind, name = job.args[1], job.args[2]
  local condition = (job.options["for"] or "Ready"):gsub("^condition=", "")
  local deleted = condition == "delete" or condition == "deleted"
  local what = ("%s/%s"):format(kind:lower(), name)
  local object = progress.run("waiting for " .. what, function(update)
    return assert(k8s.wait({ kind = kind, name = name, namespace = job.given_namespace }, {
      ready = not deleted and condition or nil,
      deleted = deleted,
      timeout = job.timeout,
      progress = update,
    }))
  end)
  if deleted then
    print(native.escape(("%s is gone (%s)"):format(what, manifests.target(job))))
  elseif job.output == "yaml" then
    print((yaml.encode(object):gsub("\n$", "")))
  elseif job.output == "json" then
    print(json.encode(object))
  else
    print(native.escape(("%s: %s (%s)"):format(manifests.describe(object), condition, manifests.target(job))))
  end
  return 0
end

return M
