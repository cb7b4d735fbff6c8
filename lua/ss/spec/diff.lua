-- What differs between two values.
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

local function step(list, path, key)
  if type(key) == "string" and key:find("^[%a_][%w_]*$") then
    return path .. "." .. key
  elseif math.type(key) == "integer" then
    return ("%s[%d]"):format(path, key - 1 + list.first)
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

-- seen: pairs that are being compared, for values that hold themselves.
local function equal(a, b, seen)
  if a == b then
    return true
  elseif type(a) ~= "table" or type(b) ~= "table" then
    return false
  elseif seen[a] == b then
    return true
  end
  seen[a] = b
  for key, value in next, a do
    if not equal(value, rawget(b, key), seen) then
      return false
    end
  end
  for key in next, b do
    if rawget(a, key) == nil then
      return false
    end
  end
  return true
end

-- Keys 1 to n and no other.
local function is_list(t)
  local n = 0
  for _ in next, t do
    n = n + 1
  end
  return n == rawlen(t)
end

local function item(t, i, last)
  if i <= last then
    return rawget(t, i)
  end
end

local compare

-- One item more or less in the middle of a list is one difference, not one for each that moves.
local function compare_lists(list, path, a, b, seen)
  local first, last_a, last_b = 1, rawlen(a), rawlen(b)
  while first <= last_a and first <= last_b and equal(rawget(a, first), rawget(b, first), {}) do
    first = first + 1
  end
  while last_a >= first and last_b >= first and equal(rawget(a, last_a), rawget(b, last_b), {}) do
    last_a, last_b = last_a - 1, last_b - 1
  end
  for i = first, math.max(last_a, last_b) do
    compare(list, step(list, path, i), item(a, i, last_a), item(b, i, last_b), seen)
  end
end

function compare(list, path, a, b, seen)
  if a == b then
    return
  elseif type(a) ~= "table" or type(b) ~= "table" then
    list[#list + 1] = { path = path, from = a, to = b }
    return
  elseif seen[a] == b then
    return
  end
  seen[a] = b
  if is_list(a) and is_list(b) then
    compare_lists(list, path, a, b, seen)
    return
  end
  for _, key in ipairs(sorted_keys(a, b)) do
    compare(list, step(list, path, key), rawget(a, key), rawget(b, key), seen)
  end
end

--- What differs, a value at a time; from or to is nil where there is none.
--- @param options? { name?: string, first?: integer } what the values are called, and the number
---   of a list's first item (1, as in Lua; Kubernetes counts from 0)
--- @return { path: string, from: any, to: any }[]
function M.changes(a, b, options)
  options = options or {}
  local list = { first = options.first or 1 }
  compare(list, options.name or "", a, b, {})
  list.first = nil
  return list
end

local function describe(change)
  local path = change.path == "" and "the value" or change.path
  if change.to == nil then
    return ("  %s: expected %s, is missing"):format(path, show(change.from))
  elseif change.from == nil then
    return ("  %s: not expected, is %s"):format(path, show(change.to))
  end
  return ("  %s: expected %s, got %s"):format(path, show(change.from), show(change.to))
end

--- What differs, one line each; "" when nothing does that can be shown.
--- @param options? table as of changes
function M.lines(expected, got, options)
  local changes, lines = M.changes(expected, got, options), {}
  for i = 1, math.min(#changes, MAX_LINES) do
    lines[i] = describe(changes[i])
  end
  if #changes > MAX_LINES then
    lines[#lines + 1] = ("  … and %d more"):format(#changes - MAX_LINES)
  end
  return table.concat(lines, "\n")
end

return M
