-- From a chain of names ("_[1].metadata") to its value, without running anything: raw fields, and
-- those that a plain table lends by __index.
local _, ss = ...
local api = require("ss.reference")
local native = require("ss.native")
local raw = require("ss.repl.raw")

local M = {}

local G = _G
local ipairs, next, rawequal, rawget, require, type = ipairs, next, rawequal, rawget, require, type

local MAX_LENDERS = 5

--- The field of a value, or nil.
function M.field(v, key)
  if type(v) == "table" then
    local own = rawget(v, key)
    if own ~= nil then
      return own
    end
  end
  local lender = raw.index_of(v)
  for _ = 1, MAX_LENDERS do
    if not lender then
      return nil
    end
    local value = rawget(lender, key)
    if value ~= nil then
      return value
    end
    lender = raw.index_of(lender)
  end
end

--- Is it one of the engine's modules?
--- @return string|nil its name
function M.module_of(v)
  for _, name in ipairs(api.modules()) do
    if rawequal(rawget(ss, name), v) then
      return name
    end
  end
end

-- What a module of the engine takes from its Lua half when it is first read.
local function late_field(v, key)
  local module = M.module_of(v)
  local half = module and native.source("ss." .. module) and require("ss." .. module)
  return type(half) == "table" and rawget(half, key) or nil
end

--- The value of a chain of keys from the globals, or nil.
--- @param keys any[]
--- @param n integer how many of them
function M.of(keys, n)
  local v = rawget(G, keys[1])
  for i = 2, n do
    if v == nil then
      return nil
    end
    v = M.field(v, keys[i]) or late_field(v, keys[i])
  end
  return v
end

--- Call fn(key, value) for each string key that a value has fields under: its own, then those it
--- is lent. Ends after max keys.
--- @return boolean complete
function M.each_field(v, max, fn)
  local n = 0
  local from = type(v) == "table" and v or raw.index_of(v)
  for _ = 1, MAX_LENDERS + 1 do
    if not from then
      return true
    end
    for key, value in next, from do
      n = n + 1
      if n > max then
        return false
      elseif type(key) == "string" then
        fn(key, value)
      end
    end
    from = raw.index_of(from)
  end
  return true
end

return M
