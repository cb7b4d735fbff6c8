-- Finding specs, and folders for them to write in.
local M = {}

local lfs = require "lfs"

local function walk(folder, found)
  for _, name in ipairs(assert(fs.list(folder))) do
    local path = folder:gsub("/$", "") .. "/" .. name
    local mode = lfs.attributes(path, "mode")
    if mode == "directory" and not name:find("^%.") then
      walk(path, found)
    elseif mode == "file" and name:find("_spec%.lua$") then
      found[#found + 1] = path
    end
  end
end

-- find(paths) --> every *_spec.lua under the folders, and the files named; raises when there are none
function M.find(paths)
  local found = {}
  for _, path in ipairs(paths) do
    local mode, before = lfs.attributes(path, "mode"), #found
    if mode == "directory" then
      walk(path, found)
    elseif mode == "file" then
      found[#found + 1] = path
    else
      error(("test: %s: no such file or folder"):format(path), 0)
    end
    if #found == before then
      error(("test: %s: no file named *_spec.lua in it"):format(path), 0)
    end
  end
  return found
end

local function remove(path)
  if lfs.symlinkattributes(path, "mode") == "directory" then
    for name in lfs.dir(path) do
      if name ~= "." and name ~= ".." then
        remove(path .. "/" .. name)
      end
    end
  end
  os.remove(path)
end

-- folders() --> new(), clear(): fresh folders, and the removal of all of them
function M.folders()
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
      remove(made[i])
      made[i] = nil
    end
  end
  return new, clear
end

return M
