-- The kinds of a server, from its OpenAPI (v3), in the form that ss.manifest_check has its own in: version by
-- version, when one is first asked for.
local native = require("ss.native")

local M = {}

local SCALARS = { string = "", integer = "i", boolean = "b", number = "q" }

local what_of

-- The type of an object that has no name of its own.
local function add_object(schema, types)
  local fields = {}
  local name = ("%p"):format(fields)
  types[name] = fields
  for field, inner in next, schema.properties do
    fields[field] = what_of(inner, types)
  end
  return name
end

local function choice(schema)
  local takes = {}
  for _, inner in ipairs(schema.oneOf or schema.anyOf) do
    takes[inner.type or "?"] = true
  end
  return takes["?"] and "*" or takes.number and "q" or takes.integer and "p" or "*"
end

--- What a schema describes; the objects in it are added to types.
function what_of(schema, types)
  local ref = schema["$ref"] or schema.allOf and #schema.allOf == 1 and schema.allOf[1]["$ref"]
  if ref then
    return ref:match("([^/]+)$")
  elseif schema["x-kubernetes-preserve-unknown-fields"] or schema["x-kubernetes-embedded-resource"] then
    return "*"
  elseif schema["x-kubernetes-int-or-string"] then
    return "q"
  elseif schema.properties then
    return add_object(schema, types)
  elseif schema.type == "array" and schema.items then
    return "[" .. what_of(schema.items, types)
  elseif type(schema.additionalProperties) == "table" then
    return "{" .. what_of(schema.additionalProperties, types)
  elseif schema.oneOf or schema.anyOf then
    return choice(schema)
  end
  return SCALARS[schema.type] or "*"
end

-- Names of schemas that are no objects stand for what they are.
local function resolve(what, scalars)
  local mark, name = what:match("^([%[{]*)(.*)$")
  return scalars[name] and mark .. scalars[name] or what
end

--- The kinds and types of one version's document.
--- @return table kinds "v1 Pod" -> type
--- @return table types name -> field -> what it is
function M.tables(document)
  local kinds, types, scalars = {}, {}, {}
  for name, schema in next, document.components.schemas do
    local what = what_of(schema, types)
    if types[what] then
      types[name] = types[what]
    else
      scalars[name] = what
    end
    for _, kind in ipairs(types[what] and schema["x-kubernetes-group-version-kind"] or {}) do
      local group = kind.group ~= "" and kind.group .. "/" or ""
      kinds[("%s%s %s"):format(group, kind.version, kind.kind)] = name
    end
  end
  for _, fields in next, types do
    for field, what in next, fields do
      fields[field] = resolve(what, scalars)
    end
  end
  return kinds, types
end

local index

--- The same for a version of the server. Raises what it answers.
--- @return table|nil kinds nil when it does not serve this version
--- @return table types
function M.version(version)
  index = index or assert(native.openapi("/openapi/v3")).paths
  local entry = index[(version:find("/", 1, true) and "apis/" or "api/") .. version]
  if entry then
    return M.tables(assert(native.openapi(entry.serverRelativeURL)))
  end
end

return M
