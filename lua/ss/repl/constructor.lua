-- Values as Lua would read them back (`:out lua`), and on one line for asides.
local _, ss = ...
local api = require("ss.reference")
local native = require("ss.native")
local raw = require("ss.repl.raw")

local M = {}

local ipairs, math, next, rawget, rawlen, tostring, type = ipairs, math, next, rawget, rawlen, tostring, type

local RESERVED = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return
  then true until while]]):gmatch("%a+") do
  RESERVED[word] = true
end

local MAX_KEYS, MAX_NODES, MAX_STRING = 10000, 2000, 2000

local function is_name(text)
  return text:find("^[%a_][%w_]*$") and not RESERVED[text]
end

-- Escaped so that Lua reads the same bytes again.
local function quote(text)
  local body = text:gsub('[\\"]', "\\%0"):gsub("\n", "\\n"):gsub("\t", "\\t"):gsub("\r", "\\r")
  if not utf8.len(body) then
    body = body:gsub("[\128-\255]", function(c)
      return ("\\x%02x"):format(c:byte())
    end)
  end
  body = body:gsub("[%z\1-\31\127]", function(c)
    return ("\\x%02x"):format(c:byte())
  end)
  return '"' .. native.escape(body) .. '"'
end

local function atom(s, v)
  local kind = type(v)
  if kind == "string" then
    local max = s.long and math.maxinteger or s.flat and 80 or MAX_STRING
    if #v > max then
      s.cut = true
      return s.style("string", quote(v:sub(1, max))) .. s.style("note", (" … (%d bytes)"):format(#v))
    end
    return s.style("string", quote(v))
  elseif v == ss.json.null then
    return "json.null"
  elseif kind == "function" then
    return s.style("null", api.name_of(v) or "<function>")
  elseif kind == "userdata" or kind == "thread" then
    return s.style("null", "<" .. native.escape((raw.type_name(v) or kind):gsub("^sandscript%.", "")) .. ">")
  end
  return s.style(kind == "nil" and "null" or kind, v == math.huge and "math.huge" or v == -math.huge and "-math.huge"
    or v ~= v and "0/0" or tostring(v))
end

local function key_text(s, key)
  if type(key) == "string" and is_name(key) then
    return s.style("key", key)
  end
  return "[" .. (type(key) == "table" and "<table>" or atom(s, key)) .. "]"
end

local write

local function items_of(s, t, depth)
  local items = {}
  local n = raw.is_list(t) and rawlen(t) or 0
  for i = 1, n do
    items[i] = write(s, rawget(t, i), depth)
    if s.nodes > s.max_nodes then
      return items
    end
  end
  if n > 0 then
    return items
  end
  for _, key in ipairs((raw.keys(t, MAX_KEYS))) do
    local value = rawget(t, key)
    local masked = (key == "data" or key == "stringData") and rawget(t, "kind") == "Secret" and type(value) == "table"
    items[#items + 1] = key_text(s, key) .. " = " .. (masked and s.style("note", "<masked>") or write(s, value, depth))
    if s.nodes > s.max_nodes then
      return items
    end
  end
  return items
end

function write(s, v, depth)
  s.nodes = s.nodes + 1
  if type(v) ~= "table" then
    return atom(s, v)
  elseif s.path[v] then
    return s.style("null", "<the table it is in>")
  elseif next(v) == nil then
    return native.is_list(v) and "json.array{}" or "{}"
  elseif depth > s.max_depth or s.nodes > s.max_nodes then
    s.cut = true
    return s.style("note", "{…}")
  end
  s.path[v] = true
  local items = items_of(s, v, depth + 1)
  s.path[v] = nil
  if s.nodes > s.max_nodes then
    s.cut = true
    items[#items + 1] = s.style("note", "…")
  end
  if s.flat then
    return "{" .. table.concat(items, ", ") .. "}"
  end
  local pad = ("  "):rep(depth + 1)
  return "{\n" .. pad .. table.concat(items, ",\n" .. pad) .. ",\n" .. ("  "):rep(depth) .. "}"
end

--- @param options { style: function, long?: boolean, flat?: boolean }  flat: one line, few items
--- @return string text
--- @return boolean cut
function M.text(v, options)
  local s = {
    style = options.style,
    long = options.long,
    flat = options.flat,
    path = {},
    nodes = 0,
    max_nodes = options.long and math.maxinteger or options.flat and 30 or MAX_NODES,
    max_depth = options.long and 100 or options.flat and 2 or 12,
  }
  return write(s, v, 0), s.cut == true
end

return M
