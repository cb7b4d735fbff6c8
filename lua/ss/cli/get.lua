-- sandscript get KIND [NAME]
local progress = require("ss.cli.progress")
local table_of = require("ss.table").render

local M = {}

local function fetch(job)
  local kind, name = job.args[1], job.args[2]
  if name then
    local object = assert(k8s.get({ kind = kind, name = name, namespace = job.given_namespace }, {
      timeout = job.timeout,
    }))
    return { object }, object
  end
  local items, metadata = assert(k8s.list {
    kind = kind,
    namespace = job.given_namespace,
    allNamespaces = job.options["all-namespaces"] or false,
    labelSelector = job.options.selector,
    fieldSelector = job.options["field-selector"],
    timeout = job.timeout,
  })
  return items, { apiVersion = "v1", kind = "List", metadata = metadata or {}, items = json.array(items) }
end

function M.main(job)
  local items, whole = progress.run("reading " .. job.args[1], function()
    return fetch(job)
  end)
  if job.output == "yaml" then
    print((yaml.encode(whole):gsub("\n$", "")))
  elseif job.output == "json" then
    print(json.encode(whole))
  elseif job.output == "name" then
    for _, object in ipairs(items) do
      print(("%s/%s"):format(object.kind:lower(), object.metadata.name))
    end
  elseif #items == 0 then
    require("ss.term").stderr(("no %s found (context %s)\n"):format(job.args[1], job.context))
  else
    print(table_of(items, { namespace = job.options["all-namespaces"] }))
  end
  return 0
end

return M
