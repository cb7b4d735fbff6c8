-- `sandscript check` of manifests: fields that a kind does not have, and values of another type, by the
-- tables of ss.kinds. Of other kinds nothing is claimed.
local native = require("ss.native")

local M = {}

local LIST_MARK, MAP_MARK = getmetatable(json.array()), getmetatable(json.decode("{}"))
local MAX_DEPTH = 64

local kinds, types

-- --- the tables ---------------------------------------------------------------------------
local function add_kinds(version, words)
  for word in words:gmatch("%S+") do
    local kind, name = word:match("^(.-)=(.*)$")
    kinds[version .. " " .. (kind or word)] = name or word
  end
end

local function add_type(name, words)
  local fields = {}
  for word in words:gmatch("%S+") do
    local field, what = word:match("^(.-):(.*)$")
    fields[field or word] = what or ""
  end
  types[name] = fields
end

local function load_tables()
  kinds, types = {}, {}
  -- What does not fit into a line is in the next ones, indented.
  for line in require("ss.kinds"):gsub("\n  ", " "):gmatch("[^\n]+") do
    local name, words = line:match("^(%S+) (.*)$")
    if name == "kinds" then
      add_kinds(words:match("^(%S+) (.*)$"))
    else
      add_type(name, words)
    end
  end
  for _, name in next, kinds do
    types[name].status = "*" -- the server's
  end
end

local server = {} -- versions that were asked for

--- The server's own kinds come before those of the tables.
function M.ask_server()
  server.asked = true
end

local function add_server_kinds(version)
  if not server.asked or server[version] then
    return
  end
  server[version] = true
  local its_kinds, its_types = require("ss.openapi").version(version)
  for kind, name in next, its_kinds or {} do
    its_types[name].status = "*"
    kinds[kind] = name
  end
  for name, fields in next, its_types or {} do
    types[name] = fields
  end
end

-- --- values ---------------------------------------------------------------------------------
local function type_of(value)
  if type(value) == "table" then
    return (getmetatable(value) == LIST_MARK or value[1] ~= nil) and "list" or "map"
  elseif math.type(value) == "float" then
    return value == math.floor(value) and "integer" or "number"
  elseif type(value) == "number" then
    return "integer"
  end
  return type(value) == "userdata" and "integer" or type(value)
end

local SCALARS = {
  [""] = { want = "text", string = true },
  i = { want = "an integer", integer = true },
  b = { want = "true or false", boolean = true },
  q = { want = "a number or text", integer = true, number = true, string = true },
  p = { want = "an integer or text", integer = true, string = true },
}
local ARTICLE = { integer = "a number", list = "a list", map = "a map", number = "a number", string = "text",
  boolean = "true or false" }

local function names_of(fields)
  local names = {}
  for name in next, fields do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- A {} in a script may be either.
local function is_undecided(value)
  return type(value) == "table" and next(value) == nil and getmetatable(value) ~= LIST_MARK
    and getmetatable(value) ~= MAP_MARK
end

local walk

-- every: what each member is, of a map; of an object, fields says it by name.
local function walk_members(value, fields, every, path, depth, report)
  for key, inner in next, value do
    local at = path == "" and key or path .. "." .. key
    local what = every or fields[key]
    local function say(place, message, holder, name)
      report(place, message, holder or value, name or key)
    end
    if what then
      walk(inner, what, at, depth, say)
    else
      local near = native.suggest(key, names_of(fields))
      say(at, ("unknown field '%s'%s"):format(key, near and (": did you mean '%s'?"):format(near) or ""))
    end
  end
end

local function wrong_type(want, value, path, report)
  local got = type_of(value)
  local hint = want == "text" and type(value) ~= "table" and ": write it in quotes" or ""
  report(path, ("must be %s, not %s%s"):format(want, ARTICLE[got], hint))
end

-- what: as the tables have it.
function walk(value, what, path, depth, report)
  if what == "*" or value == json.null or depth > MAX_DEPTH or is_undecided(value) then
    return
  elseif SCALARS[what] then
    if not SCALARS[what][type_of(value)] then
      wrong_type(SCALARS[what].want, value, path, report)
    end
  elseif type_of(value) ~= (what:find("^%[") and "list" or "map") then
    wrong_type(what:find("^%[") and "a list" or "a map", value, path, report)
  elseif what:find("^%[") then
    for i, item in ipairs(value) do
      walk(item, what:sub(2), ("%s[%d]"):format(path, i - 1), depth + 1, report)
    end
  elseif what:find("^{") then
    walk_members(value, nil, what:sub(2), path, depth + 1, report)
  else
    walk_members(value, types[what], nil, path, depth + 1, report)
  end
end

local function check_object(object, path, depth, report)
  if type_of(object) ~= "map" or type(object.kind) ~= "string" or depth > MAX_DEPTH then
    return
  end
  if type(object.apiVersion) == "string" then
    add_server_kinds(object.apiVersion)
  end
  local name = kinds[("%s %s"):format(object.apiVersion, object.kind)]
  if name then
    walk_members(object, types[name], nil, path, depth, report)
  elseif object.kind:find("List$") and type_of(object.items) == "list" then
    for i, item in ipairs(object.items) do
      check_object(item, ("%sitems[%d]"):format(path == "" and "" or path .. ".", i - 1), depth + 1, report)
    end
  end
end

--- What is wrong with the fields of a document.
--- @return { path: string, message: string, holder: table, key: string }[] the field and what holds it
function M.findings(document)
  if not kinds then
    load_tables()
  end
  local list = {}
  check_object(document, "", 0, function(path, message, holder, key)
    list[#list + 1] = { path = path, message = message, holder = holder, key = key }
  end)
  return list
end

return M
