-- sandscript get KIND [NAME]
local manifests = require("ss.cli.manifests")
local native = require("ss.native")
local progress = require("ss.cli.progress")
local table_of = require("ss.table").render

local M = {}

local MANY = { "all-namespaces", "selector", "field-selector" }

local function check_one(job)
  for _, option in ipairs(MANY) do
    if job.options[option] then
      native.fail("usage", ("get: a NAME is of one object, --%s of many; leave one of them out"):format(option))
    end
  end
end

local function fetch(job)
  local kind, name = job.args[1], job.args[2]
  if name then
    check_one(job)
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

-- Who manages which field is as long as the object, and rarely what is looked for
-- (kubectl leaves it out, too; k8s.get has it).
local function without_managers(items)
  for _, object in ipairs(items) do
    object.metadata.managedFields = nil
  end
end

function M.main(job)
  local items, whole = progress.run("reading " .. job.args[1], function()
    return fetch(job)
  end)
  without_managers(items)
  if job.output == "yaml" then
    print((yaml.encode(whole):gsub("\n$", "")))
  elseif job.output == "json" then
    print(json.encode(whole))
  elseif job.output == "name" then
    for _, object in ipairs(items) do
      print(manifests.name(object))
    end
  elseif #items == 0 then
    local where = job.options["all-namespaces"] and "any namespace" or "namespace " .. job.namespace
    native.stderr(("no %s found in %s (context %s)\n"):format(job.args[1], where, job.context))
  else
    print(table_of(items, { namespace = job.options["all-namespaces"] }))
  end
  return 0
end

return M
