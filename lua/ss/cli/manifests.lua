-- Objects from the files of -f: YAML (several documents) or JSON, folders in
-- name order without descending, "-" for standard input. Lists are taken apart.
local M = {}

local ENDINGS = { yaml = true, yml = true, json = true }

local function read_text(path)
  if path == "-" then
    return assert(fs.stdin("a"))
  end
  return assert(fs.read(path))
end

local function collect(objects, object, where)
  if object == nil or object == json.null then
    return
  end
  if type(object) ~= "table" or type(object.kind) ~= "string" then
    error(where .. ": not a Kubernetes object: it has no kind", 0)
  end
  if object.kind:match("List$") and type(object.items) == "table" then
    for i, item in ipairs(object.items) do
      collect(objects, item, ("%s: items[%d]"):format(where, i - 1))
    end
    return
  end
  objects[#objects + 1] = { object = object, where = where }
end

local function add_file(objects, path)
  local documents, err = yaml.decode_all(read_text(path))
  if not documents then
    error(("%s: %s"):format(path, err.message), 0)
  end
  for i, document in ipairs(documents) do
    collect(objects, document, #documents > 1 and ("%s: document %d"):format(path, i) or path)
  end
end

local function add_path(objects, path)
  local names = path ~= "-" and fs.list(path)
  if not names then
    return add_file(objects, path)
  end
  for _, name in ipairs(names) do
    if ENDINGS[name:match("%.(%w+)$") or ""] then
      add_file(objects, path .. "/" .. name)
    end
  end
end

--- Every object of the given paths.
--- @param paths string[]
--- @return { object: table, where: string }[]
function M.read(paths)
  local objects = {}
  for _, path in ipairs(paths) do
    add_path(objects, path)
  end
  if #objects == 0 then
    error("no objects in " .. table.concat(paths, ", "), 0)
  end
  return objects
end

local ORDER = {}
for rank, kind in ipairs {
  "CustomResourceDefinition", "Namespace", "ResourceQuota", "LimitRange", "ServiceAccount", "Secret",
  "ConfigMap", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "NetworkPolicy", "Service",
  "PersistentVolumeClaim", "RuntimeClass",
} do
  ORDER[kind] = rank
end

--- Sort in place: what others depend on first; equal ranks keep their order.
function M.sort(objects, reverse)
  for i, entry in ipairs(objects) do
    entry.rank = (ORDER[entry.object.kind] or 100) * 100000 + i
  end
  table.sort(objects, function(a, b)
    if reverse then
      return a.rank > b.rank
    end
    return a.rank < b.rank
  end)
  return objects
end

--- "sandbox/s1" and, for namespaced objects, " in namespace demo".
function M.describe(object)
  local meta = object.metadata or {}
  local text = ("%s/%s"):format(tostring(object.kind):lower(), meta.name or meta.generateName or "?")
  if meta.namespace then
    text = text .. " in namespace " .. meta.namespace
  end
  return text
end

--- "context kind-dev, https://127.0.0.1:6443": which cluster a write went to.
function M.target(job)
  return ("context %s, %s"):format(job.context, job.server)
end

return M
