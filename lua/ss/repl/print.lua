-- What an input gave, as text: aligned tables for lists of objects, YAML for the rest, or the
-- format that `:out` chose. Nothing of the values' own runs.
local _, ss = ...
local native = require("ss.native")
local raw = require("ss.repl.raw")
local yaml = require("ss.repl.yaml")

local M = {}

local require, type, next, rawget, rawlen, ipairs, pcall, tostring =
  require, type, next, rawget, rawlen, ipairs, pcall, tostring

M.FORMATS = { "auto", "yaml", "json", "lua", "table" }

local MAX_ROWS, MAX_COLUMNS = 200, 10
local COPY_DEPTH, COPY_NODES = 12, 5000
local FIRST_COLUMNS = { kind = 1, name = 2, namespace = 3 }
local LAST_COLUMNS = { file = 1, sha256 = 2 }

-- --- tables ------------------------------------------------------------------------------

-- The visible part of a line of a table.
local function clip(line, width)
  local n = utf8.len(line)
  if not n or n <= width then
    return line
  end
  return line:sub(1, utf8.offset(line, width) - 1) .. "…"
end

local function finish_table(text, options)
  local lines = {}
  for line in (text .. "\n"):gmatch("(.-)\n") do
    line = options.long and line or clip(line, options.width)
    lines[#lines + 1] = #lines == 0 and options.style("heading", line) or line
  end
  return table.concat(lines, "\n")
end

local function spans_namespaces(objects)
  local first = raw.get(objects[1], "metadata", "namespace")
  for _, object in ipairs(objects) do
    if raw.get(object, "metadata", "namespace") ~= first then
      return true
    end
  end
  return false
end

-- Objects, one table per kind.
local function object_tables(list, shown, options)
  local render = require("ss.table").render
  local groups, order = {}, {}
  for i = 1, shown do
    local object = raw.copy(rawget(list, i), COPY_DEPTH, COPY_NODES)
    local kind = raw.is_object(object) and object.kind or "?"
    if not groups[kind] then
      groups[kind] = {}
      order[#order + 1] = kind
    end
    table.insert(groups[kind], object)
  end
  local texts = {}
  for _, kind in ipairs(order) do
    local ok, text = pcall(render, groups[kind], { namespace = spans_namespaces(groups[kind]) })
    texts[#texts + 1] = ok and finish_table(text, options) or yaml.text(groups[kind], options)
  end
  return table.concat(texts, "\n\n")
end

local function cell(value)
  if type(value) ~= "table" then
    return type(value) == "string" and value or value == ss.json.null and "" or tostring(value)
  end
  local parts = {}
  for i = 1, rawlen(value) do
    parts[i] = tostring(rawget(value, i))
  end
  return table.concat(parts, ",")
end

local function is_cell(value)
  if type(value) ~= "table" then
    return type(value) ~= "function" and type(value) ~= "userdata" or value == ss.json.null
  end
  for i = 1, rawlen(value) do
    if type(rawget(value, i)) == "table" then
      return false
    end
  end
  return rawlen(value) <= 20 and (next(value) == nil or raw.is_list(value))
end

-- The columns of a list of small maps, or nil when it is something else.
local function columns_of(list, shown)
  local seen, columns = {}, {}
  for i = 1, shown do
    local row = rawget(list, i)
    if type(row) ~= "table" or raw.is_list(row) then
      return nil
    end
    for key, value in next, row do
      if type(key) ~= "string" or not is_cell(value) or #columns > MAX_COLUMNS then
        return nil
      elseif not seen[key] then
        seen[key] = true
        columns[#columns + 1] = key
      end
    end
  end
  table.sort(columns, function(a, b)
    local x = (FIRST_COLUMNS[a] or 10) + (LAST_COLUMNS[a] or 0) * 10
    local y = (FIRST_COLUMNS[b] or 10) + (LAST_COLUMNS[b] or 0) * 10
    return x < y or x == y and a < b
  end)
  return #columns > 0 and columns or nil
end

local function rows_table(list, shown, columns, options)
  local rows = { {} }
  for j, key in ipairs(columns) do
    rows[1][j] = key:upper()
  end
  for i = 1, shown do
    local row = {}
    for j, key in ipairs(columns) do
      local value = rawget(rawget(list, i), key)
      row[j] = value == nil and "" or cell(value)
    end
    rows[#rows + 1] = row
  end
  return finish_table(require("ss.table").rows(rows), options)
end

-- A list as a table, or nil when it has no such form.
local function as_table(v, options)
  if raw.is_object(v) and type(rawget(v, "items")) ~= "table" then
    return object_tables({ v }, 1, options), false
  elseif type(v) == "table" and type(rawget(v, "items")) == "table" then
    v = rawget(v, "items")
  end
  if type(v) ~= "table" or rawlen(v) == 0 or not raw.is_list(v) then
    return nil
  end
  local n = rawlen(v)
  local shown = options.long and n or math.min(n, MAX_ROWS)
  local text
  if raw.is_objects(v, shown) then
    text = object_tables(v, shown, options)
  else
    local columns = columns_of(v, shown)
    text = columns and rows_table(v, shown, columns, options)
  end
  if text and shown < n then
    text = text .. "\n" .. options.style("note", ("… %d more"):format(n - shown))
  end
  return text, text and shown < n
end

-- --- formats -------------------------------------------------------------------------------

local function safe_lines(text)
  return (text:gsub("\n$", ""):gsub("[^\n]+", function(line)
    return (line:gsub("[^\t]+", native.escape))
  end))
end

-- By an encoder, exactly; what it cannot write is said instead.
local function encoded(encode, v, ...)
  local ok, text = pcall(encode, v, ...)
  return safe_lines(tostring(text)), false, not ok
end

local as = {}

function as.yaml(v)
  return encoded(ss.yaml.encode, v)
end

function as.json(v)
  return encoded(ss.json.encode, v, { indent = true })
end

function as.lua(v, options)
  return require("ss.repl.constructor").text(v, options)
end

as["table"] = function(v, options)
  local text, cut = as_table(v, options)
  if text then
    return text, cut
  end
  return yaml.text(v, options)
end

function as.auto(v, options)
  local is_one = raw.is_object(v) and type(rawget(v, "items")) ~= "table"
  if type(v) == "table" and not is_one then
    local text, cut = as_table(v, options)
    if text then
      return text, cut
    end
  end
  if type(v) == "string" and v:find("\n", 1, true) and utf8.len(v) then
    return M.string(v, options)
  end
  return yaml.text(v, options)
end

--- A string of several lines, as its lines.
function M.string(v, options)
  local text = v:gsub("\n$", "")
  local max = options.long and math.maxinteger or 400
  local lines, n = {}, 0
  for line in (text .. "\n"):gmatch("(.-)\n") do
    n = n + 1
    if n <= max then
      lines[n] = line:gsub("[^\t]+", native.escape)
    end
  end
  if n > max then
    lines[max + 1] = options.style("note", ("… %d more lines"):format(n - max))
  end
  return table.concat(lines, "\n"), n > max
end

--- One value.
--- @param options { style: function, width: integer, long?: boolean, format: string }
--- @return string text without the last newline
--- @return boolean cut
--- @return boolean|nil failed  the value has no such form; text says why
function M.value(v, options)
  return as[options.format](v, options)
end

-- --- results ----------------------------------------------------------------------------

-- What goes along with a list or a manifest is of interest, but not as much: one line.
local function aside(v, options)
  local text = require("ss.repl.constructor").text(v, { style = options.style, width = options.width, flat = true })
  return options.style("note", "-- and ") .. text
end

local function is_list_metadata(v)
  return type(v) == "table" and rawget(v, "resourceVersion") ~= nil and rawget(v, "name") == nil
end

--- All values of an input, one after the other.
--- @param results table of table.pack
--- @return string|nil text; nil for no values
--- @return boolean cut
function M.results(results, options)
  local lines, cut = {}, false
  for i = 1, results.n do
    local v = results[i]
    local beside = i > 1 and options.format == "auto" and type(results[1]) == "table"
    if beside then
      if not (i == 2 and is_list_metadata(v)) then
        lines[#lines + 1] = aside(v, options)
      end
    else
      local text, was_cut = M.value(v, options)
      lines[#lines + 1] = text
      cut = cut or was_cut
    end
  end
  return #lines > 0 and table.concat(lines, "\n") or nil, cut
end

return M
