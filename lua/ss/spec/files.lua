-- Finding specs and goldens, and folders for specs to write in.
local native = require("ss.native")

local M = {}

local MAX_DEPTH = 16

-- What has a folder's entries is one; nothing else of a path matters here.
local function entries(path)
  return (fs.list(path))
end

local function exists(path)
  return entries(path) ~= nil or fs.read(path) ~= nil
end

local function join(folder, name)
  return (folder:gsub("/$", "")) .. "/" .. name
end

local KINDS = {
  { pattern = "_spec%.lua$", list = "specs" },
  { pattern = "%.in%.lua$", list = "inputs" },
  { pattern = "%.golden%.yaml$", list = "goldens" },
}

local function add(found, path, named)
  for _, kind in ipairs(KINDS) do
    if path:find(kind.pattern) then
      table.insert(found[kind.list], path)
      return
    end
  end
  if named then
    table.insert(found.specs, path)
  end
end

local function count(found)
  return #found.specs + #found.inputs + #found.goldens
end

local function walk(folder, names, found, depth)
  if depth > MAX_DEPTH then
    error(("test: %s: folders nested deeper than %d"):format(folder, MAX_DEPTH), 0)
  end
  for _, name in ipairs(names) do
    local path = join(folder, name)
    local inner = not name:find("^%.") and not name:find("%.lua$") and entries(path)
    if inner and entries(join(path, "adapters")) then
      table.insert(found.apart, path)
    elseif inner then
      walk(path, inner, found, depth + 1)
    else
      add(found, path)
    end
  end
end

local function look(path, found)
  local names = entries(path)
  if not names then
    if not exists(path) then
      native.fail("usage", ("test: %s: no such file or folder"):format(path))
    end
    add(found, path, true)
    return
  end
  walk(path, names, found, 0)
  if entries(join(path, "adapters")) then
    found.folder = path
  end
end

--- Everything to test under the folders, and the files named:
--- {specs = {…}, inputs = {…}, goldens = {…}, folder = the policy folder among the paths, if any,
--- apart = {policy folders inside of them, which are tested on their own}}.
--- Raises when a path has nothing to test.
function M.find(paths)
  local found = { specs = {}, inputs = {}, goldens = {}, apart = {} }
  for _, path in ipairs(paths) do
    local before, folder = count(found), found.folder
    look(path, found)
    if count(found) == before and found.folder == folder then
      error(("test: %s: no file named *_spec.lua or *.in.lua in it%s"):format(path,
        found.apart[1] and "; test the policy folder " .. found.apart[1] or ""), 0)
    end
  end
  return found
end

local function remove(lfs, path)
  if lfs.symlinkattributes(path, "mode") == "directory" then
    for name in lfs.dir(path) do
      if name ~= "." and name ~= ".." then
        remove(lfs, path .. "/" .. name)
      end
    end
  end
  os.remove(path)
end

-- folders() --> new(), clear(): fresh folders, and the removal of all of them
function M.folders()
  local lfs = require("lfs")
  local made = {}
  local function new()
    local path = os.tmpname()
    os.remove(path)
    assert(lfs.mkdir(path))
    made[#made + 1] = path
    return path
  end
  local function clear()
    for i = #made, 1, -1 do
      remove(lfs, made[i])
      made[i] = nil
    end
  end
  return new, clear
end

return M
