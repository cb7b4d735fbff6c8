-- sandscript init [DIR] [--stubs]: starts a policy folder (ss.scaffold). Files that are there are
-- never replaced, but for the stubs, which are the engine's.
local native = require("ss.native")
local scaffold = require("ss.scaffold")

local M = {}

local function join(folder, name)
  return folder == "." and name or folder:gsub("/+$", "") .. "/" .. name
end

local function golden_of(case)
  return (case:gsub("%.in%.lua$", ".golden.yaml"))
end

local function paths(folder)
  local list = {}
  for _, file in ipairs(scaffold.files()) do
    list[#list + 1] = join(folder, file.path)
  end
  for _, case in ipairs(scaffold.CASES) do
    list[#list + 1] = join(folder, golden_of(case))
  end
  return list
end

local function refuse_to_replace(folder)
  local there = {}
  for _, path in ipairs(paths(folder)) do
    if native.exists(path) then
      there[#there + 1] = path
    end
  end
  if #there > 0 then
    native.fail("already_exists", ("init: nothing was written, because there %s already %s: move %s away, "
      .. "or name another folder"):format(#there == 1 and "is" or "are", table.concat(there, ", "),
      #there == 1 and "it" or "them"))
  end
end

local function create(path, text)
  assert(native.create(path, text))
  print(native.escape("created " .. path))
end

-- What the policy that was just written makes of its cases, as test --update would.
local function write_goldens(folder)
  local found = { inputs = {}, goldens = {} }
  for i, case in ipairs(scaffold.CASES) do
    found.inputs[i] = join(folder, case)
  end
  local run = { specs = {}, passed = 0, failed = 0, updated = {} }
  require("ss.spec.golden").run(found, run, function()
    return true
  end, true)
  for _, spec in ipairs(run.specs) do
    if spec.status == "failed" then
      error(("init: %s: %s"):format(spec.file, spec.message), 0)
    end
  end
  for _, updated in ipairs(run.updated) do
    print(native.escape("created " .. updated.file))
  end
end

local function write_stubs(folder)
  local path, text = join(folder, scaffold.STUBS), require("ss.stubs").text()
  if native.exists(path) then
    assert(fs.write(path, text))
    print(native.escape("updated " .. path))
  else
    create(path, text)
  end
  return 0
end

--- @param folder string
--- @param stubs boolean write the stubs alone
--- @return integer exit code
function M.main(folder, stubs)
  if stubs then
    return write_stubs(folder)
  end
  refuse_to_replace(folder)
  for _, file in ipairs(scaffold.files()) do
    create(join(folder, file.path), file.text)
  end
  write_goldens(folder)
  native.tell(("Next: sandscript check %s; sandscript test %s; %s says more"):format(folder, folder,
    join(folder, "README.md")))
  return 0
end

return M
