-- Values as people read them: the block style of YAML, coloured by type, cut where it would get
-- long. Plain data comes out as valid YAML; what has no YAML form is named in <angle brackets>.
local _, ss = ...
local api = require("ss.reference")
local native = require("ss.native")
local raw = require("ss.repl.raw")

local M = {}

local debug, ipairs, math, next, rawget, rawlen, table, tostring, type, utf8 =
  debug, ipairs, math, next, rawget, rawlen, table, tostring, type, utf8

local MAX_KEYS = 10000
local SHORT = { list = 50, depth = 12, lines = 400, string_lines = 20 }
local LONG = { list = 1000000, depth = 100, lines = 1000000, string_lines = 1000000 }
local WORDS = { ["true"] = 1, ["false"] = 1, null = 1, yes = 1, no = 1, on = 1, off = 1, ["~"] = 1, y = 1, n = 1 }

-- --- scalars --------------------------------------------------------------------------

local function is_plain(text)
  return text:find("^[%a/_][%w%./_%-]*$") and not WORDS[text:lower()]
    or text:find("^[%a/_][%w%./_%-: @+=,()%[%]]*[%w%)%]=/]$") and not text:find(": ", 1, true)
    and not WORDS[text:lower()] or text:find("^%d+[kKMGTPEm]i?$")
end

local function quote(text)
  return '"' .. native.escape((text:gsub('[\\"]', "\\%0"))) .. '"'
end

local function count_of(n, what)
  return ("%d %s%s"):format(n, what, n == 1 and "" or "s")
end

-- Cut at max bytes, between two characters.
local function cut_text(s, text, max)
  if #text <= max then
    return text, ""
  end
  s.cut = true
  local head = text:sub(1, max):gsub("[\xC2-\xF4][\x80-\xBF]*$", function(last)
    return utf8.len(last) and last or ""
  end)
  return head, ("… (%s)"):format(count_of(#text, "byte"))
end

local function name_function(f)
  local info = debug.getinfo(f, "S")
  local name = api.name_of(f)
  if name or info.what == "C" then
    return "<function" .. (name and " " .. name or "") .. ">"
  end
  return ("<function %s:%d>"):format(native.escape(info.short_src), info.linedefined)
end

local function name_other(v)
  if v == ss.json.null then
    return "null"
  end
  local kind = type(v)
  if kind == "function" then
    return name_function(v)
  end
  return "<" .. native.escape((raw.type_name(v) or kind):gsub("^sandscript%.", "")) .. ">"
end

local function string_text(s, text, indent)
  local room = math.max(40, s.width - indent - 2)
  local head, note = cut_text(s, text, room)
  return s.style("string", is_plain(head) and note == "" and head or quote(head)) .. s.style("note", note)
end

-- Text of a value on one line.
local function scalar(s, v, indent)
  local kind = type(v)
  if kind == "string" then
    return string_text(s, v, indent)
  elseif kind == "number" then
    return s.style("number", tostring(v))
  elseif kind == "boolean" then
    return s.style("boolean", tostring(v))
  elseif kind == "nil" then
    return s.style("null", "nil")
  end
  return s.style("null", name_other(v))
end

local function key_text(s, key)
  if type(key) == "string" then
    return s.style("key", is_plain(key) and key or quote((cut_text(s, key, 100)))) .. ":"
  end
  return s.style("key", "[" .. (type(key) == "table" and "<table>" or scalar(s, key, 0)) .. "]") .. ":"
end

-- --- lines ----------------------------------------------------------------------------

local function put(s, indent, text)
  if #s.lines >= s.limits.lines then
    s.cut = true
    return
  end
  local lead = s.dash or (" "):rep(indent)
  s.dash = nil
  s.lines[#s.lines + 1] = lead .. text
end

local node

-- Several lines of text, which YAML can hold as they are.
local function is_block(v)
  return type(v) == "string" and v:find("\n", 1, true) and utf8.len(v) and not v:find("[%z\1-\8\11-\31\127]")
    and not v:find("^[ \n]") and not v:find("\n\n$")
end

local function put_block(s, text, lead, indent)
  put(s, indent, lead .. (text:sub(-1) == "\n" and "|" or "|-"))
  local n = 0
  for line in (text:gsub("\n$", "") .. "\n"):gmatch("(.-)\n") do
    n = n + 1
    if n > s.limits.string_lines then
      put(s, indent + 2, s.style("note", "… (" .. count_of(#text, "byte") .. ")"))
      s.cut = true
      return
    end
    local head, note = cut_text(s, line, math.max(40, s.width - indent - 2))
    put(s, line == "" and 0 or indent + 2, s.style("string", native.escape(head)) .. s.style("note", note))
  end
end

local function more(s, indent, n, what)
  s.cut = true
  put(s, indent, s.style("note", ("… %s more"):format(count_of(n, what))))
end

local function put_list(s, t, indent, depth)
  local n = rawlen(t)
  local first = s.dash
  s.dash = nil
  for i = 1, math.min(n, s.limits.list) do
    s.dash = (first or (" "):rep(indent)) .. "- "
    first = nil
    node(s, rawget(t, i), indent + 2, depth)
  end
  if n > s.limits.list then
    more(s, indent, n - s.limits.list, "item")
  end
end

local function mask(s, t, indent)
  for _, key in ipairs((raw.keys(t, s.limits.list))) do
    local value = rawget(t, key)
    local size = type(value) == "string" and count_of(#value, "byte") .. ", " or ""
    put(s, indent, key_text(s, key) .. " " .. s.style("note", "<" .. size .. "masked>"))
  end
end

-- What is hidden under a key of an object: values of Secrets, and who manages which field.
local function special(s, t, key, value, indent)
  if type(value) ~= "table" then
    return false
  elseif key == "managedFields" and not s.long then
    put(s, indent, key_text(s, key) .. " " .. s.style("note", "<" .. count_of(rawlen(value), "item") .. ">"))
    return true
  elseif (key == "data" or key == "stringData") and rawget(t, "kind") == "Secret" and next(value) ~= nil then
    put(s, indent, key_text(s, key))
    mask(s, value, indent + 2)
    return true
  end
  return false
end

local function put_pair(s, t, key, indent, depth)
  local value = rawget(t, key)
  if special(s, t, key, value, indent) then
    return
  end
  local lead = key_text(s, key)
  if is_block(value) then
    put_block(s, value, lead .. " ", indent)
  elseif type(value) ~= "table" or next(value) == nil or depth <= 1 or s.path[value] then
    s.lead = lead .. " "
    node(s, value, indent, depth)
  else
    put(s, indent, lead)
    node(s, value, raw.is_list(value) and indent or indent + 2, depth)
  end
end

local function put_map(s, t, indent, depth)
  local keys, complete = raw.keys(t, MAX_KEYS)
  local max = s.limits.list * 4
  for i = 1, math.min(#keys, max) do
    put_pair(s, t, keys[i], indent, depth)
  end
  if not complete then
    s.cut = true
    put(s, indent, s.style("note", "… more keys"))
  elseif #keys > max then
    more(s, indent, #keys - max, "key")
  end
end

-- A table on one line, when that is all there is to show.
local function closed(s, t, depth)
  if s.path[t] then
    return "<the table it is in>"
  elseif next(t) == nil then
    return raw.is_list(t) and "[]" or "{}"
  elseif depth <= 0 then
    s.cut = true
    return raw.is_list(t) and "[…]" or "{…}"
  end
end

function node(s, v, indent, depth)
  local lead = s.lead or ""
  s.lead = nil
  if is_block(v) then
    return put_block(s, v, lead, indent)
  elseif type(v) ~= "table" then
    return put(s, indent, lead .. scalar(s, v, indent + #lead))
  end
  local short = closed(s, v, depth - 1)
  if short then
    return put(s, indent, lead .. s.style("note", short))
  elseif #s.lines >= s.limits.lines then
    s.cut = true
    return
  end
  s.path[v] = true
  if raw.is_list(v) then
    put_list(s, v, indent, depth - 1)
  else
    put_map(s, v, indent, depth - 1)
  end
  s.path[v] = nil
end

--- @param options { style: function, width: integer, long?: boolean }  width in characters; long: cut nothing
--- @return string text without the last newline
--- @return boolean cut  something was left out
function M.text(v, options)
  local s = {
    lines = {},
    path = {},
    style = options.style,
    width = options.long and math.maxinteger or options.width,
    limits = options.long and LONG or SHORT,
    long = options.long,
  }
  node(s, v, 0, s.limits.depth)
  return table.concat(s.lines, "\n"), s.cut == true
end

return M
