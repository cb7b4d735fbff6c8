-- require(name): as in stock Lua, written in Lua so that a module may wait while it
-- loads. A second task that wants the module meanwhile waits for the first.
local raw = ...

-- What a script assigns to these names later is no business of this file.
local error, ipairs, pcall, table, type = error, ipairs, pcall, table, type
local loaded, preload, package = package.loaded, package.preload, package

-- name -> {owner = the task that runs its body, outer = the module that task was in, latch =}
local loading = {}
-- task -> name of the innermost module whose body it runs
local inside = {}
-- task -> name of the module it waits for
local waits = {}

local function check_name(name)
  if type(name) ~= "string" then
    error("require: the name of a module is a string, not a " .. type(name), 3)
  end
  if not raw.full and not name:find("^[%w_%-]+[%w_%-%.]*$") or name:find("..", 1, true) then
    error(("require: '%s' is no name of a module (letters, digits, _ - and single dots)")
      :format(name), 3)
  end
end

local function search_stock(name)
  local tried = {}
  for _, searcher in ipairs(package.searchers) do
    local loader, data = searcher(name)
    if type(loader) == "function" then
      return loader, data
    elseif loader then
      tried[#tried + 1] = loader
    end
  end
  return nil, table.concat(tried)
end

local function search_files(name)
  local tried = {}
  local path = name:gsub("%.", "/")
  for template in raw.search:gmatch("[^;]+") do
    local file = template:gsub("%?", (path:gsub("%%", "%%%%")))
    local loader = raw.read(file)
    if loader then
      return loader, file
    end
    tried[#tried + 1] = "\n\tno file '" .. file .. "'"
  end
  return nil, table.concat(tried)
end

local function find(name)
  if preload[name] then
    return preload[name], ":preload:"
  end
  if name:find("^ss%.") then
    local value = raw.embedded(name)
    if value ~= nil then
      return function() return value end, ":embedded:"
    end
  end
  if raw.full then
    return search_stock(name)
  end
  return search_files(name)
end

-- name -> … -> the module whose body `task` runs
local function add_chain(chain, name, task)
  local part, at = {}, inside[task]
  while at and at ~= name do
    table.insert(part, 1, at)
    at = loading[at].outer
  end
  chain[#chain + 1] = name
  table.move(part, 1, #part, #chain + 1, chain)
end

-- Following who waits for whom from the owner of `name` back to `me`.
local function check_circle(name, me)
  local chain, at = {}, name
  local owner = loading[at].owner
  add_chain(chain, at, owner)
  while owner ~= me do
    at = waits[owner]
    if not at or not loading[at] then
      return
    end
    owner = loading[at].owner
    add_chain(chain, at, owner)
  end
  chain[#chain + 1] = name
  error(("require: the module '%s' is needed while it is being loaded (%s)")
    :format(name, table.concat(chain, " -> ")), 4)
end

local function wait_for(name, me)
  check_circle(name, me)
  waits[me] = name
  local ok, err = raw.wait(loading[name].latch)
  waits[me] = nil
  if not ok then
    error(err, 0)
  end
end

local function run(name, loader, data)
  local value = loader(name, data)
  if value ~= nil then
    loaded[name] = value
  elseif loaded[name] == nil then
    loaded[name] = true
  end
end

local function load_module(name, me)
  local loader, data = find(name)
  if not loader then
    error(("module '%s' not found:%s"):format(name,
      data ~= "" and data or "\n\tno folder to search"), 3)
  end
  local record = { owner = me, outer = inside[me], latch = raw.latch() }
  loading[name], inside[me] = record, name
  local ok, err = pcall(run, name, loader, data)
  loading[name], inside[me] = nil, record.outer
  raw.open(record.latch)
  if not ok then
    error(err, 0)
  end
  return data
end

return function(name)
  check_name(name)
  local me = raw.current() or false
  while loaded[name] == nil do
    if loading[name] then
      wait_for(name, me)
    else
      local data = load_module(name, me)
      return loaded[name], data
    end
  end
  return loaded[name]
end
