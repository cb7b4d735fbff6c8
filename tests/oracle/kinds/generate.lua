-- The fields of the built-in kinds and of agent-sandbox's, as lua/ss/kinds.lua holds them:
--   sandscript run tests/oracle/kinds/generate.lua SWAGGER.json CRD.yaml… >lua/ss/kinds.lua
-- SWAGGER.json is api/openapi-spec/swagger.json of the Go module k8s.io/kubernetes; the CRDs are those
-- of all the versions of agent-sandbox that are served.
local KINDS = {
  { "v1", [[ConfigMap LimitRange Namespace PersistentVolumeClaim Pod PodTemplate ReplicationController
    ResourceQuota Secret Service ServiceAccount]] },
  { "apps/v1", "DaemonSet Deployment ReplicaSet StatefulSet" },
  { "autoscaling/v2", "HorizontalPodAutoscaler" },
  { "batch/v1", "CronJob Job" },
  { "networking.k8s.io/v1", "Ingress IngressClass NetworkPolicy" },
  { "node.k8s.io/v1", "RuntimeClass" },
  { "policy/v1", "PodDisruptionBudget" },
  { "rbac.authorization.k8s.io/v1", "ClusterRole ClusterRoleBinding Role RoleBinding" },
  { "scheduling.k8s.io/v1", "PriorityClass" },
}

-- Storage that nobody writes for a sandbox: any value.
local OPEN = {}
for name in ([[AWSElasticBlockStoreVolumeSource AzureDiskVolumeSource AzureFileVolumeSource CSIVolumeSource
  CephFSVolumeSource CinderVolumeSource FCVolumeSource FlexVolumeSource FlockerVolumeSource
  GCEPersistentDiskVolumeSource GitRepoVolumeSource GlusterfsVolumeSource ISCSIVolumeSource
  PhotonPersistentDiskVolumeSource PortworxVolumeSource QuobyteVolumeSource RBDVolumeSource
  ScaleIOVolumeSource StorageOSVolumeSource VsphereVirtualDiskVolumeSource ManagedFieldsEntry]]):gmatch("%S+") do
  OPEN[name] = true
end

local SCALARS = { string = "", integer = "i", boolean = "b", number = "q" }

local types, refs_of, queue = {}, {}, {}

local function sorted(t)
  local keys = {}
  for key in pairs(t) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return ipairs(keys)
end

-- --- Kubernetes ---------------------------------------------------------------------------
local definitions

local function short(ref)
  return ref:match("([^.]+)$")
end

local function type_of(schema)
  local ref = schema["$ref"] and schema["$ref"]:match("([^/]+)$")
  if ref then
    local target, name = definitions[ref], short(ref)
    if OPEN[name] then
      return "*"
    elseif target.properties then
      assert(not types[name] or refs_of[name] == ref, name .. " is the name of two types")
      if not types[name] then
        types[name], refs_of[name] = {}, ref
        queue[#queue + 1] = ref
      end
      return name
    elseif name == "IntOrString" then
      return "p"
    elseif name == "Quantity" then
      return "q"
    end
    return SCALARS[target.type] or "*"
  elseif schema.type == "array" then
    return "[" .. type_of(schema.items)
  elseif schema.additionalProperties then
    return "{" .. type_of(schema.additionalProperties)
  end
  return SCALARS[schema.type] or "*"
end

local function read_kubernetes(path)
  definitions = assert(json.decode(assert(fs.read(path)))).definitions
  local refs = {}
  for ref, schema in pairs(definitions) do
    for _, gvk in ipairs(schema["x-kubernetes-group-version-kind"] or {}) do
      local version = (gvk.group == "" and "" or gvk.group .. "/") .. gvk.version
      refs[version .. " " .. gvk.kind] = ref
    end
  end
  for _, group in ipairs(KINDS) do
    for kind in group[2]:gmatch("%S+") do
      type_of { ["$ref"] = assert(refs[group[1] .. " " .. kind], kind) }
    end
  end
  while #queue > 0 do
    local ref = table.remove(queue)
    local fields = types[short(ref)]
    for field, schema in pairs(definitions[ref].properties) do
      -- The status of an object is the server's; that of a condition is text.
      fields[field] = (field ~= "status" or not schema["$ref"]) and type_of(schema) or nil
    end
  end
end

-- --- agent-sandbox --------------------------------------------------------------------------
-- What a type is made of, however its parts are called.
local function signature(fields, depth)
  local words = {}
  for field, what in pairs(fields) do
    local mark, name = what:match("^([%[{]*)(.*)$")
    local inner = depth > 0 and name ~= "PodSpec" and types[name]
    words[#words + 1] = ("%s:%s%s"):format(field, mark, inner and signature(inner, depth - 1) or name)
  end
  table.sort(words)
  return "(" .. table.concat(words, " ") .. ")"
end

local crd_type

-- The type of that name, or one that has the same fields.
local function object_type(name, properties)
  local fields = {}
  for _, field in sorted(properties) do
    fields[field] = crd_type(name .. "." .. field, properties[field])
  end
  local wanted, same = signature(fields, 4), nil
  for other, known in pairs(types) do
    if signature(known, 4) == wanted and (not same or other < same) then
      same = other
    end
  end
  if not same then
    assert(not types[name], name)
    types[name] = fields
  end
  return same or name
end

function crd_type(name, schema)
  local fields = schema.properties
  if schema["x-kubernetes-int-or-string"] then
    return "q"
  elseif schema["x-kubernetes-preserve-unknown-fields"] then
    return "*"
  elseif fields and fields.containers and fields.volumes then
    return "PodSpec"
  elseif fields and fields.matchExpressions and fields.matchLabels then
    return "LabelSelector"
  elseif fields then
    return object_type(name, fields)
  elseif schema.type == "array" then
    return "[" .. crd_type(name, schema.items)
  elseif schema.type == "object" then
    return schema.additionalProperties and "{" .. crd_type(name, schema.additionalProperties) or "*"
  end
  return SCALARS[schema.type] or "*"
end

local function merge(into, from)
  for key, value in pairs(from) do
    if type(into[key]) == "table" and type(value) == "table" then
      merge(into[key], value)
    else
      into[key] = value
    end
  end
end

-- What one release serves and another does not is known in both.
local function read_crds(paths)
  local kinds = {}
  for _, path in ipairs(paths) do
    local crd = assert(yaml.decode(assert(fs.read(path))))
    for _, version in ipairs(crd.spec.versions) do
      local api_version = crd.spec.group .. "/" .. version.name
      kinds[api_version] = kinds[api_version] or {}
      local served = kinds[api_version]
      served[crd.spec.names.kind] = served[crd.spec.names.kind] or {}
      merge(served[crd.spec.names.kind], version.schema.openAPIV3Schema.properties)
    end
  end
  return kinds
end

local function add_custom(api_version, kind, properties)
  local name = kind .. "/" .. api_version:match("[^/]*$")
  local spec = crd_type(name, properties.spec)
  name = name .. "/"
  types[name] = { apiVersion = "", kind = "", metadata = "ObjectMeta", spec = spec }
  return name
end

-- --- the file ---------------------------------------------------------------------------------
local function wrap(words)
  local lines, line = {}, words[1]
  for i = 2, #words do
    if #line + #words[i] > 100 then
      lines[#lines + 1], line = line, " "
    end
    line = line .. " " .. words[i]
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

local function main()
  read_kubernetes(arg[1])
  local custom = read_crds { table.unpack(arg, 2) }
  print [=[
-- The fields of kinds, for check: written by tests/oracle/kinds/generate.lua.
--   kinds VERSION KIND…           their types are called as they are, unless KIND=TYPE says otherwise
--   TYPE FIELD… FIELD:WHAT…       WHAT is i integer, b boolean, q quantity, p integer or text, * anything,
--                                 a type, [… a list of, {… a map of; nothing is text
return [[]=]
  for _, group in ipairs(KINDS) do
    local words = { "kinds", group[1] }
    for kind in group[2]:gmatch("%S+") do
      words[#words + 1] = kind
    end
    print(wrap(words))
  end
  for _, version in sorted(custom) do
    local words = { "kinds", version }
    for _, kind in sorted(custom[version]) do
      words[#words + 1] = kind .. "=" .. add_custom(version, kind, custom[version][kind])
    end
    print(wrap(words))
  end
  for _, name in sorted(types) do
    local words = { name }
    for _, field in sorted(types[name]) do
      local what = types[name][field]
      words[#words + 1] = what == "" and field or field .. ":" .. what
    end
    print(wrap(words))
  end
  print "]]"
end

main()
