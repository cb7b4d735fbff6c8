-- What the policy of this moment would change for sandboxes that are there: each is built again
-- from the request it carries (annotation sandscript.dev/request) and compared, by a dry run of
-- the server, with what it is.
local M = {}

local REQUEST = "sandscript.dev/request"
local WIDTH = 20 -- sandboxes compared at a time

-- agent-sandbox's controller (0.5.6 and 1.0.3, controllers/sandbox_controller.go) makes a pod
-- from podTemplate.spec once, and never touches the spec of one that runs. The rest it follows:
-- labels and annotations of the pod (updatePodMetadata), the service, the shutdown.
--- @return "live" | "new pod"  how a change of this field of a Sandbox takes effect
function M.effect_of(path)
  local in_pod = path:find("^spec%.podTemplate%.spec%f[%W]") or path == "spec.podTemplate" or path == "spec"
  return in_pod and "new pod" or "live"
end

local function ref_of(object)
  return {
    apiVersion = object.apiVersion,
    kind = object.kind,
    name = object.metadata.name,
    namespace = object.metadata.namespace,
  }
end

-- The request a sandbox was made from, or nil when it was not made by a policy (or carries none).
local function origin_of(object)
  local text = object.metadata.annotations and object.metadata.annotations[REQUEST]
  if not text then
    return nil
  end
  local origin = json.decode(text)
  if type(origin) ~= "table" or type(origin.adapter) ~= "string" or type(origin.input) ~= "table" then
    return { broken = true }
  end
  return origin
end

local function fail(result, err)
  result.error, result.same = err, false
  return result
end

-- False when the sandbox has gone meanwhile.
local function compare(client, object, origin, timeout)
  local result = { object = ref_of(object), adapter = origin.adapter, changes = json.array {} }
  if origin.broken then
    return fail(result, ("annotation %s is not what was written: the sandbox cannot be built again"):format(REQUEST))
  end
  result.tenant = origin.input.tenant
  local manifest, err = policy.build(origin.adapter, origin.input)
  if not manifest then
    return fail(result, err)
  end
  local meta = manifest.metadata
  if meta.name ~= object.metadata.name or meta.namespace ~= object.metadata.namespace then
    return fail(result, ("its request makes %s/%s: the annotation was copied from another sandbox"):format(
      tostring(meta.namespace), tostring(meta.name)))
  end
  local diff
  diff, err = client.diff(manifest, { force = true, timeout = timeout })
  if not diff then
    return fail(result, err)
  elseif not diff.exists then
    return false
  end
  for _, change in ipairs(diff.changes) do
    table.insert(result.changes, {
      path = change.path,
      from = change.from,
      to = change.to,
      effect = M.effect_of(change.path),
    })
  end
  result.same = #result.changes == 0
  return result
end

local function check_options(options)
  local known = { adapter = "string", namespace = "string", client = "table", timeout = "number" }
  for key, value in pairs(options) do
    if not known[key] then
      error(("changes: unknown option '%s'"):format(tostring(key)), 3)
    elseif type(value) ~= known[key] then
      error(("changes: option '%s' must be a %s"):format(key, known[key]), 3)
    end
  end
end

--- For every live sandbox that an adapter made, what the policy would change now.
--- @param options? { adapter?: string, namespace?: string, client?: table, timeout?: number }
---   adapter: of this one alone; namespace: nil = all; client: of k8s.connect
--- @return table|nil  {{object = ref, adapter =, tenant =, same = bool, error = nil | err | text,
---   changes = {{path =, from =, to =, effect = "live" | "new pod"}…}}…}, by namespace and name
--- @return table? err  when the sandboxes cannot be listed
function M.changes(options)
  options = options or {}
  check_options(options)
  local client = options.client or k8s
  local objects, err = client.list {
    kind = "Sandbox",
    namespace = options.namespace,
    allNamespaces = options.namespace == nil,
    timeout = options.timeout,
  }
  if not objects then
    return nil, err
  end
  local work = {}
  for _, object in ipairs(objects) do
    local origin = origin_of(object)
    local wanted = origin and (not options.adapter or origin.adapter == options.adapter)
    if wanted and not object.metadata.deletionTimestamp then
      work[#work + 1] = { object = object, origin = origin }
    end
  end
  local results = {}
  for _, result in ipairs(task.map(work, function(item)
    return compare(client, item.object, item.origin, options.timeout)
  end, { width = WIDTH })) do
    results[#results + 1] = result or nil
  end
  return results
end

--- How far a change of policy reaches.
--- @param results table[] of M.changes
--- @return { total: integer, changed: integer, new_pod: integer, failed: integer }
function M.radius(results)
  local radius = { total = #results, changed = 0, new_pod = 0, failed = 0 }
  for _, result in ipairs(results) do
    local new_pod = false
    for _, change in ipairs(result.changes) do
      new_pod = new_pod or change.effect == "new pod"
    end
    radius.failed = radius.failed + (result.error and 1 or 0)
    radius.changed = radius.changed + (#result.changes > 0 and 1 or 0)
    radius.new_pod = radius.new_pod + (new_pod and 1 or 0)
  end
  return radius
end

return M
