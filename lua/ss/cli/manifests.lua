-- Objects from the files of -f: YAML (several documents) or JSON, folders in
-- name order without descending, "-" for standard input. Lists are taken apart.
local native = require("ss.native")

local M = {}

local ENDINGS = { yaml = true, yml = true, json = true }

local function invalid(where, text)
  native.fail("invalid", ("%s: %s"):format(where, text))
end

local function read_text(path)
  if path == "-" then
    return assert(fs.stdin("a"))
  end
  return assert(native.read(path))
end

local WORDS = { boolean = "a boolean", number = "a number", table = "a table", userdata = "a number" }

-- YAML takes n, 1e10 and 20190612 for something else than text.
local function check_text(object, holder, key, path, where)
  local value = holder[key]
  if value ~= nil and value ~= json.null and type(value) ~= "string" then
    invalid(where, ("%s%s must be text, is %s (%s): put it in quotes"):format(
      path ~= "kind" and type(object.kind) == "string" and "the " .. object.kind .. "'s " or "", path,
      WORDS[type(value)], type(value) == "table" and "…" or tostring(value)))
  end
end

local function check(object, where)
  local meta = type(object) == "table" and type(object.metadata) == "table" and object.metadata or {}
  if type(object) == "table" then
    check_text(object, object, "kind", "kind", where)
    check_text(object, object, "apiVersion", "apiVersion", where)
    check_text(object, meta, "name", "metadata.name", where)
    check_text(object, meta, "namespace", "metadata.namespace", where)
  end
  if type(object) ~= "table" or type(object.kind) ~= "string" then
    invalid(where, "not a Kubernetes object: it has no kind")
  elseif type(object.apiVersion) ~= "string" then
    invalid(where, ("the %s has no apiVersion"):format(object.kind))
  elseif type(meta.name) ~= "string" then
    invalid(where, ("the %s has no metadata.name"):format(object.kind))
  end
end

local function collect(objects, object, where)
  if object == nil or object == json.null then
    return
  end
  local list = type(object) == "table" and type(object.kind) == "string" and object.kind:match("List$")
  if list and type(object.items) == "table" then
    for i, item in ipairs(object.items) do
      collect(objects, item, ("%s: items[%d]"):format(where, i - 1))
    end
    return
  end
  check(object, where)
  objects[#objects + 1] = { object = object, where = where }
end

-- JSON is YAML, but a file that says it is JSON is held to it.
local function decode(path, text)
  if not path:match("%.json$") then
    return yaml.decode_all(text)
  end
  return json.decode_all(text)
end

local function add_file(objects, path)
  local name = path == "-" and "standard input" or path
  local documents, err = decode(path, read_text(path))
  if not documents then
    native.fail(err.code, ("%s: %s"):format(name, err.message))
  end
  for i, document in ipairs(documents) do
    collect(objects, document, #documents > 1 and ("%s: document %d"):format(name, i) or name)
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

--- Every object of the given paths, each with apiVersion, kind and metadata.name.
--- @param paths string[]
--- @return { object: table, where: string }[]
function M.read(paths)
  local objects = {}
  for _, path in ipairs(paths) do
    add_path(objects, path)
  end
  if #objects == 0 then
    invalid(table.concat(paths, ", "), "there are no objects in it")
  end
  return objects
end

--- Sort in place: what others depend on first; equal ranks keep their order.
function M.sort(objects, reverse)
  for i, entry in ipairs(objects) do
    entry.rank, entry.place = native.kind_rank(entry.object.kind), i
  end
  table.sort(objects, function(a, b)
    if reverse then
      a, b = b, a
    end
    if a.rank ~= b.rank then
      return a.rank < b.rank
    end
    return a.place < b.place
  end)
  return objects
end

--- The objects alone.
function M.objects(entries)
  local objects = {}
  for i, entry in ipairs(entries) do
    objects[i] = entry.object
  end
  return objects
end

--- "sandbox/s1" and, for namespaced objects, " in namespace demo".
function M.describe(object)
  local meta = object.metadata or {}
  local text = ("%s/%s"):format(tostring(object.kind):lower(), meta.name or meta.generateName or "?")
  if meta.namespace then
    text = text .. " in namespace " .. meta.namespace
  end
  return native.escape(text)
end

--- "configmap/a", "sandbox.agents.x-k8s.io/s1", for -o name: kubectl's form, which names one kind alone.
function M.name(object)
  return native.escape(M.prefix(object) .. object.metadata.name)
end

--- "configmap/", "sandbox.agents.x-k8s.io/"
function M.prefix(object)
  local group = tostring(object.apiVersion):match("^(.*)/")
  return object.kind:lower() .. (group and "." .. group or "") .. "/"
end

--- "context kind-dev, https://127.0.0.1:6443": which cluster a write went to.
function M.target(job)
  return native.escape(("context %s, %s"):format(job.context, job.server))
end

return M
