-- What separates two policy folders: each adapter's declared fields, and what it makes of requests: of
-- one that names nothing but itself, without a tenant and for every tenant that an overlay of either
-- folder is for, and of the cases in testdata/. Never touches a network.
local diff = require("ss.spec.diff")
local golden = require("ss.spec.golden")
local effect_of = require("ss.policy_live").effect_of
local native = require("ss.native")

local M = {}

local DECLARED = { "env", "egress", "probe", "allow" } -- what no manifest shows

local function same_change(a, b)
  return a.path == b.path and #diff.changes(a.from, b.from) == 0 and #diff.changes(a.to, b.to) == 0
end

local function contains(changes, change)
  for _, other in ipairs(changes) do
    if same_change(other, change) then
      return true
    end
  end
  return false
end

-- --- the two sides ------------------------------------------------------------------------
local function open(dir)
  local policy, err = native.policy(dir)
  if not policy then
    return nil, err
  end
  local side = { dir = dir, policy = policy, adapters = {}, names = {} }
  local list, failed = policy:list()
  for _, adapter in ipairs(list) do
    side.adapters[adapter.name] = adapter
    side.names[#side.names + 1] = adapter.name
  end
  side.failed = failed
  side.tenants = assert(native.tenants(dir))
  return side
end

local function add_all(set, list)
  for _, name in ipairs(list) do
    set[name] = true
  end
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

-- --- one adapter -----------------------------------------------------------------------------
local SAMPLE_IMAGE = "registry.example/agent:1" -- where no image is declared

local function sample(tenant)
  return {
    tenant = tenant,
    namespace = "sample",
    sandboxName = "sample",
    envSecretName = "sample-env",
    serviceAccountName = "agent",
  }
end

-- The cases of an adapter, by name; those of later sides win.
local function cases_of(sides, name)
  local found = {}
  for _, side in ipairs(sides) do
    local folder = ("%s/testdata/%s"):format(side.dir, name)
    for _, file in ipairs(fs.list(folder) or {}) do
      local case = file:match("^(.*)%.in%.lua$")
      if case then
        found[case] = folder .. "/" .. file
      end
    end
  end
  return found
end

-- {request =, tenant = | case =} of everything that is tried; a case that is none is what `test` tells.
local function requests_of(from, to, name, tenants)
  local requests = { { request = sample() } }
  for _, tenant in ipairs(tenants) do
    requests[#requests + 1] = { request = sample(tenant), tenant = tenant }
  end
  local cases = cases_of({ from, to }, name)
  for _, case in ipairs(sorted(cases)) do
    local request = golden.read_request(cases[case])
    if request then
      requests[#requests + 1] = { request = request, case = case }
    end
  end
  return requests
end

-- The manifest, or what stands for it when it cannot be built.
local function manifest_of(side, name, request, declared)
  local given = request.image
  request.image = given or not declared.image and SAMPLE_IMAGE or nil
  local manifest, err = side.policy:build(name, request)
  request.image = given
  return manifest or { fails = tostring(err) }
end

-- What changes for the plain request is not said again for each.
local function add(changes, found, tried)
  for _, change in ipairs(found) do
    if not contains(changes, change) then
      change.tenant, change.case = tried.tenant, tried.case
      changes[#changes + 1] = change
    end
  end
end

local function declared_changes(declared)
  local found = {}
  for _, field in ipairs(DECLARED) do
    for _, change in ipairs(diff.changes(declared[1][field], declared[2][field], { name = field, first = 0 })) do
      found[#found + 1] = change
    end
  end
  return found
end

local function manifest_changes(from, to, name, request, declared)
  local a = manifest_of(from, name, request, declared[1])
  local b = manifest_of(to, name, request, declared[2])
  local changes = diff.changes(a, b, { first = 0 })
  if #changes > 0 and (a.fails or b.fails) then
    return { { path = "the build", from = a.fails or "succeeds", to = b.fails or "succeeds" } }
  end
  for _, change in ipairs(changes) do
    change.path = change.path:gsub("^%.", "")
    change.effect = effect_of(change.path)
  end
  return changes
end

-- An overlay that does not load makes it nothing that can be read.
local function declared_by(side, name, tenant)
  return side.policy:get(name, tenant) or {}
end

local function compare_adapter(from, to, name, tenants)
  local changes = json.array {}
  for _, tried in ipairs(requests_of(from, to, name, tenants)) do
    local tenant = type(tried.request.tenant) == "string" and tried.request.tenant or nil
    local declared = { declared_by(from, name, tenant), declared_by(to, name, tenant) }
    add(changes, declared_changes(declared), tried)
    add(changes, manifest_changes(from, to, name, tried.request, declared), tried)
  end
  local same_text = from.adapters[name].sha256 == to.adapters[name].sha256
  return { name = name, status = #changes > 0 and "changed" or same_text and "same" or "rewritten", changes = changes }
end

--- @param from_dir string
--- @param to_dir string
--- @return table|nil  {adapters = {{name =, status = "changed" | "new" | "gone" | "rewritten" | "same",
---   changes = {{tenant =, case =, path =, from =, to =, effect = "live" | "new pod" | nil}…}}…},
---   failed = {{name =, file =, line =, message =}…} of both}; rewritten: another text, which makes the
---   same of every request that was tried
--- @return table? err  when a folder cannot be read
function M.compare(from_dir, to_dir)
  local from, err = open(from_dir)
  if not from then
    return nil, err
  end
  local to
  to, err = open(to_dir)
  if not to then
    return nil, err
  end
  local names, tenants, result = {}, {}, { adapters = json.array {}, failed = json.array {} }
  add_all(names, from.names)
  add_all(names, to.names)
  add_all(tenants, from.tenants)
  add_all(tenants, to.tenants)
  for _, side in ipairs { from, to } do
    for _, failure in ipairs(side.failed) do
      if failure.file:find("/adapters/[^/]*$") then
        names[failure.name] = nil
      end
      table.insert(result.failed, failure)
    end
  end
  for _, name in ipairs(sorted(names)) do
    local adapter
    if from.adapters[name] and to.adapters[name] then
      adapter = compare_adapter(from, to, name, sorted(tenants))
    elseif from.adapters[name] or to.adapters[name] then
      adapter = { name = name, status = to.adapters[name] and "new" or "gone", changes = json.array {} }
    end
    table.insert(result.adapters, adapter)
  end
  return result
end

return M
