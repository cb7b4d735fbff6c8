-- compare.lua FOLDER: the objects of k8s.io/api's testdata, which have every field, hold no field that check
-- does not know; and every field of those kinds, misspelt or of another type, is found where it is.
local check = require("ss.manifest_check")

-- What the tables leave open, and what is the server's.
local OPEN = { status = true, managedFields = true }
for name in ([[awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk
  gitRepo glusterfs iscsi photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume]])
  :gmatch("%S+") do
  OPEN[name] = true
end

local function findings(object)
  local found = {}
  for _, finding in ipairs(check.findings(object)) do
    found[finding.path] = finding.message
  end
  return found
end

local n_fields = 0

-- The same with one member changed, put back afterwards.
local function with(object, at, key, new_key, value, path, message)
  local old = at[key]
  at[key] = nil
  at[new_key] = value
  local found = findings(object)
  at[new_key] = nil
  at[key] = old
  assert(found[path] and found[path]:find(message, 1, true),
    ("%s: %s: not found: %s"):format(object.kind, path, message))
  n_fields = n_fields + 1
end

local function try_member(object, at, key, path)
  local value = at[key]
  if key ~= "kind" and key ~= "apiVersion" then
    if not key:find("Key$") or path:find("%.key$") then -- labelsKey is the key of a map
      with(object, at, key, key .. "Xyz", value, path .. "Xyz", "unknown field")
    end
    if type(value) ~= "table" then
      with(object, at, key, key, { "list" }, path, "must be")
    end
  end
end

local function try_members(object, at, path)
  local keys = {}
  for key in pairs(at) do
    keys[#keys + 1] = key
  end
  for _, key in ipairs(keys) do
    local inner = type(key) == "number" and ("%s[%d]"):format(path, key - 1)
      or path == "" and key or path .. "." .. key
    if not OPEN[key] then
      if type(key) == "string" then
        try_member(object, at, key, inner)
      end
      if type(at[key]) == "table" then
        try_members(object, at[key], inner)
      end
    end
  end
end

local function main(folder)
  local n = 0
  for _, name in ipairs(assert(fs.list(folder))) do
    local object = name:find("%.yaml$") and assert(yaml.decode(assert(fs.read(folder .. "/" .. name))))
    for path, message in pairs(object and findings(object) or {}) do
      error(("%s: %s: %s"):format(name, path, message), 0)
    end
    -- Pods alone have all that is deep; the others hold one, or are small.
    if name:find("^core%.v1%.Pod%.yaml$") or name:find("^core%.v1%.Service%.yaml$")
      or name:find("^apps%.v1%.Deployment%.yaml$") then
      try_members(object, object, "")
    end
    n = n + (object and 1 or 0)
  end
  print(("%d objects, %d changes"):format(n, n_fields))
end

main(arg[1])
