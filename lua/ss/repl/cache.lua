-- What completion offers of the cluster, the policy and the configuration. A look-up never
-- waits: it gives what is known, and has a task fetch what is missing or old.
local _, ss = ...
local native = require("ss.native")

local M = {}

local clock, ipairs, next, pcall, setmetatable, table = native.clock, ipairs, next, pcall, setmetatable, table

local FRESH_S, RETRY_S = 5, 1 -- older lists are fetched again; sooner where they were of no use
local MAX_LISTS = 64

local Cache = {}
Cache.__index = Cache

--- @param session table with jobs.spawn and target()
function M.new(session)
  return setmetatable({ session = session, lists = {}, n_lists = 0 }, Cache)
end

local function drop_oldest(cache)
  local oldest
  for key, list in next, cache.lists do
    if not list.fetching and (not oldest or list.asked < cache.lists[oldest].asked) then
      oldest = key
    end
  end
  if oldest then
    cache.lists[oldest] = nil
    cache.n_lists = cache.n_lists - 1
  end
end

local function new_list(cache, key)
  if cache.n_lists >= MAX_LISTS then
    drop_oldest(cache)
  end
  local list = { at = -math.huge, asked = clock() }
  cache.lists[key] = list
  cache.n_lists = cache.n_lists + 1
  return list
end

-- Sorted and without doubles, so that a prefix is found by bisection.
local function in_order(words)
  table.sort(words)
  local out = {}
  for _, word in ipairs(words) do
    if word ~= out[#out] then
      out[#out + 1] = word
    end
  end
  return out
end

local function refresh(list, fetch)
  local ok, words, err = pcall(fetch)
  if ok and words then
    list.words, list.err = in_order(words), nil
  else
    list.err = err or words
    tostring(list.err) -- looked at: it is no failure of the input that runs meanwhile
  end
  list.at, list.fetching = clock(), false
end

-- The list of a key, and a task on its way when it is not fresh.
local function look_up(cache, key, fetch)
  local list = cache.lists[key] or new_list(cache, key)
  list.asked = clock()
  local age = list.asked - list.at
  if not list.fetching and age > ((list.err or list.useless) and RETRY_S or FRESH_S) then
    list.fetching, list.useless = true, false
    if not cache.session.jobs.spawn(refresh, list, fetch) then
      list.fetching = false
    end
  end
  return list
end

local function place_of(target)
  return target.server .. "\0" .. target.context
end

-- A list of the cluster that the prompt is on; an empty one without a cluster.
local function cluster_list(cache, name, fetch)
  local target, err = cache.session:target()
  if not target then
    return { err = err }
  end
  return look_up(cache, place_of(target) .. "\0" .. name, fetch)
end

--- Lists are { words = sorted strings or nil while nothing is known, err = why, useless = set by who
--- did not find what was looked for }.
--- @param kind string  any name of it
--- @param namespace string|nil the prompt's
function Cache:names(kind, namespace)
  local target = self.session:target()
  namespace = namespace or target and target.namespace
  return cluster_list(self, "names\0" .. kind:lower() .. "\0" .. (namespace or ""), function()
    return native.names { kind = kind, namespace = namespace }
  end)
end

function Cache:namespaces()
  return cluster_list(self, "namespaces", function()
    return native.names { kind = "Namespace" }
  end)
end

function Cache:kinds()
  return cluster_list(self, "kinds", function()
    local kinds, err = ss.k8s.kinds { timeout = 10 }
    if not kinds then
      return nil, err
    end
    local words = {}
    for i, kind in ipairs(kinds) do
      words[i] = kind.kind
    end
    return words
  end)
end

function Cache:contexts()
  return look_up(self, "contexts", function()
    local contexts, err = native.contexts()
    if not contexts then
      return nil, err
    end
    local words = {}
    for i, context in ipairs(contexts) do
      words[i] = context.name
    end
    return words
  end)
end

function Cache:adapters()
  return look_up(self, "adapters", function()
    local words = {}
    for i, adapter in ipairs(ss.policy.list()) do
      words[i] = adapter.name
    end
    return words
  end)
end

--- Have the cluster's lists fetched, once it is known that there is one.
function Cache:warm()
  self:kinds()
  self:namespaces()
end

--- The first and the last index of the words that begin with a prefix; nil when none does.
function M.range(words, prefix)
  local function first_not_below(wanted)
    local low, high = 1, #words + 1
    while low < high do
      local middle = (low + high) // 2
      if words[middle] < wanted then
        low = middle + 1
      else
        high = middle
      end
    end
    return low
  end
  local first = first_not_below(prefix)
  local last = #words
  if prefix ~= "" then
    -- 0xFF ends no UTF-8 text, so this is above everything with the prefix.
    last = first_not_below(prefix .. "\255") - 1
  end
  if first <= last then
    return first, last
  end
end

return M
