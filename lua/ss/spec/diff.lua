-- What differs between two values, one line each.
local M = {}

local MAX_LINES = 20

local function show(value)
  if type(value) == "string" then
    return ("%q"):format(value):gsub("\\\n", "\\n")
  elseif type(value) == "table" then
    local ok, text = pcall(json.encode, value)
    if ok then
      return #text <= 200 and text or text:sub(1, 197) .. "…"
    end
  end
  return tostring(value)
end

local function step(lines, path, key)
  if type(key) == "string" and key:find("^[%a_][%w_]*$") then
    return path .. "." .. key
  elseif math.type(key) == "integer" then
    return ("%s[%d]"):format(path, key - 1 + lines.first)
  end
  return path .. "[" .. show(key) .. "]"
end

local function sorted_keys(a, b)
  local keys = {}
  for key in next, a do
    keys[#keys + 1] = key
  end
  for key in next, b do
    if rawget(a, key) == nil then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys, function(x, y)
    if type(x) == "number" and type(y) == "number" then
      return x < y
    end
    return tostring(x) < tostring(y)
  end)
  return keys
end

local function add(lines, path, text)
  lines.n = lines.n + 1
  if lines.n <= MAX_LINES then
    lines[#lines + 1] = "  " .. (path == "" and "the value" or path) .. ": " .. text
  end
end

local function compare(lines, path, expected, got, seen)
  if expected == got then
    return
  elseif type(expected) ~= "table" or type(got) ~= "table" then
    add(lines, path, "expected " .. show(expected) .. ", got " .. show(got))
    return
  elseif seen[expected] == got then
    return
  end
  seen[expected] = got
  for _, key in ipairs(sorted_keys(expected, got)) do
    local e, g = rawget(expected, key), rawget(got, key)
    if g == nil then
      add(lines, step(lines, path, key), "expected " .. show(e) .. ", is missing")
    elseif e == nil then
      add(lines, step(lines, path, key), "not expected, is " .. show(g))
    else
      compare(lines, step(lines, path, key), e, g, seen)
    end
  end
end

--- What differs, one line each; "" when nothing does that can be shown.
--- @param options? { name?: string, first?: integer } what the values are called, and the number
---   of a list's first item (1, as in Lua; Kubernetes counts from 0)
function M.lines(expected, got, options)
  options = options or {}
  local lines = { n = 0, first = options.first or 1 }
  compare(lines, options.name or "", expected, got, {})
  if lines.n > MAX_LINES then
    lines[#lines + 1] = ("  … and %d more"):format(lines.n - MAX_LINES)
  end
  return table.concat(lines, "\n")
end

return M
