-- Looking at values without running anything of theirs: no metamethod is ever called, and
-- every walk has a bound.
local native = require("ss.native")

local M = {}

local next, type, rawget, rawlen, getmetatable = next, type, rawget, rawlen, getmetatable
local math_type = math.type

--- The keys of a table, at most max of them: integers first, then strings, then the rest.
--- @return any[] keys
--- @return boolean complete
function M.keys(t, max)
  local integers, strings, others = {}, {}, {}
  local n = 0
  for key in next, t do
    n = n + 1
    if n > max then
      break
    end
    local list = math_type(key) == "integer" and integers or type(key) == "string" and strings or others
    list[#list + 1] = key
  end
  table.sort(integers)
  table.sort(strings)
  local keys = table.move(strings, 1, #strings, #integers + 1, integers)
  return table.move(others, 1, #others, #keys + 1, keys), n <= max
end

--- Is it a list: marked as one, or with the keys 1..n and nothing else?
--- An empty table without a mark is none.
function M.is_list(t)
  if native.is_list(t) then
    return true
  end
  local n = rawlen(t)
  if n == 0 or rawget(t, 1) == nil then
    return false
  end
  local count = 0
  for key in next, t do
    count = count + 1
    if math_type(key) ~= "integer" or key < 1 or key > n or count > n then
      return false
    end
  end
  return count == n
end

--- t.a.b.c, raw, or nil as soon as something on the way is no table.
function M.get(t, ...)
  for i = 1, select("#", ...) do
    if type(t) ~= "table" then
      return nil
    end
    t = rawget(t, (select(i, ...)))
  end
  return t
end

--- An object of Kubernetes: it has a kind and a name.
function M.is_object(v)
  return type(v) == "table" and type(rawget(v, "kind")) == "string"
    and type(M.get(v, "metadata", "name")) == "string"
end

--- A list whose first items (at most max are looked at) are objects.
function M.is_objects(v, max)
  if type(v) ~= "table" or rawlen(v) == 0 then
    return false
  end
  for i = 1, math.min(rawlen(v), max) do
    if not M.is_object(rawget(v, i)) then
      return false
    end
  end
  return M.is_list(v)
end

--- The table that the fields of v come from besides its own: raw, and nil when it is code.
function M.index_of(v)
  local meta = getmetatable(v)
  local index = type(meta) == "table" and rawget(meta, "__index") or nil
  return type(index) == "table" and index or nil
end

--- What a userdata calls itself ("sandscript.watch"), or nil.
M.type_name = native.type_name

-- A copy without metatables, so that code that indexes it in the usual way runs nothing of its owner.
local function copy(v, depth, budget)
  if type(v) ~= "table" then
    return v
  elseif depth == 0 or budget.left <= 0 then
    return nil
  end
  local out = {}
  for key, value in next, v do
    budget.left = budget.left - 1
    if budget.left <= 0 then
      break
    end
    out[key] = copy(value, depth - 1, budget)
  end
  return out
end

--- @param nodes integer at most so many values are copied
function M.copy(v, depth, nodes)
  return copy(v, depth, { left = nodes })
end

return M
