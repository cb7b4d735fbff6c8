-- Goldens: testdata/ADAPTER/CASE.in.lua returns a request, and CASE.golden.yaml beside it holds
-- what the policy under test makes of it, in two documents: the adapter (what it declares, with
-- the overlays of the request's tenant) and the manifest.
local diff = require("ss.spec.diff")
local native = require("ss.native")

local M = {}

local HEADER = "# What the policy makes of %s.in.lua; written by: sandscript test --update\n"

-- "…/testdata/claude_local/small.in.lua" -> "claude_local", "small", "…/small.golden.yaml"
local function parse(path)
  local stem, adapter, case = path:match("^(.*testdata/([^/]+)/([^/]+))%.in%.lua$")
  if stem then
    return adapter, case, stem .. ".golden.yaml"
  end
end

-- What a request file sees: a word without quotes is a mistake, not nil.
local function request_env()
  return setmetatable({}, {
    __index = function(_, name)
      local value = _G[name]
      if value == nil then
        error(("unknown global '%s'"):format(tostring(name)), 2)
      end
      return value
    end,
  })
end

--- The request that a case returns.
--- @param path string
--- @return table|nil
--- @return string? what is wrong with it
function M.read_request(path)
  local chunk, err = loadfile(path, "t", request_env())
  if not chunk then
    return nil, err
  end
  local ok, request = pcall(chunk)
  if not ok then
    return nil, tostring(request)
  elseif type(request) ~= "table" then
    return nil, path .. ": must return the request, a table: return { namespace = …, sandboxName = …, … }"
  end
  return request
end

-- What changes with every edit, or with the place of the folder, is no part of it.
local function declared(adapter, tenant)
  local fields, err = policy.get(adapter, { tenant = tenant })
  if not fields then
    return nil, tostring(err)
  end
  fields.file, fields.sha256 = nil, nil
  return fields
end

-- The two documents as text.
local function make(path, adapter, case)
  local request, problem = M.read_request(path)
  if not request then
    return nil, problem
  end
  local fields, err = declared(adapter, request.tenant)
  if not fields then
    return nil, err
  end
  local manifest
  manifest, err = policy.build(adapter, request)
  if not manifest then
    return nil, tostring(err)
  end
  return HEADER:format(native.escape(case)) .. yaml.encode(fields) .. "---\n" .. yaml.encode(manifest)
end

local NAMES = { "adapter", "manifest" }

-- What differs between the two texts, by field; "" when nothing does.
local function compare(want_text, got_text)
  local want, err = yaml.decode_all(want_text)
  if not want then
    return "  it cannot be read: " .. tostring(err)
  elseif #want ~= #NAMES then
    return ("  it holds %d documents instead of two, the adapter and the manifest"):format(#want)
  end
  local got, parts = assert(yaml.decode_all(got_text)), {}
  for i, name in ipairs(NAMES) do
    local lines = diff.lines(want[i], got[i], { name = name, first = 0 })
    parts[#parts + 1] = lines ~= "" and lines or nil
  end
  return table.concat(parts, "\n")
end

local function check(path, adapter, case, golden, update)
  local got, problem = make(path, adapter, case)
  if not got then
    return problem
  end
  local want = fs.read(golden)
  local differences = want and compare(want, got)
  if differences == "" then
    return nil
  elseif update then
    assert(fs.write(golden, got))
    return nil, { file = golden, message = differences or "  new" }
  elseif not want then
    return ("%s is missing: write it with sandscript test --update"):format(golden)
  end
  return ("%s differs:\n%s\nwhen that is intended: sandscript test --update"):format(golden, differences)
end

local function add(run, spec)
  run[spec.status] = run[spec.status] + 1
  run.specs[#run.specs + 1] = spec
end

local function fail(run, selected, name, file, message)
  if selected(name) then
    add(run, { name = name, status = "failed", file = file, line = 1, message = message, seconds = 0 })
  end
end

local function run_case(run, selected, path, update)
  local adapter, case, golden = parse(path)
  if not adapter then
    return fail(run, selected, "golden " .. path, path, "a case is a file testdata/ADAPTER/CASE.in.lua")
  end
  local name = ("golden %s %s"):format(adapter, case)
  if not selected(name) then
    return
  end
  local start = os.clock()
  local message, updated = check(path, adapter, case, golden, update)
  add(run, {
    name = name,
    status = message and "failed" or "passed",
    file = path,
    line = 1,
    message = message,
    seconds = os.clock() - start,
  })
  run.updated[#run.updated + 1] = updated
end

local function check_orphans(run, selected, found)
  local has = {}
  for _, path in ipairs(found.inputs) do
    has[(path:gsub("%.in%.lua$", ""))] = true
  end
  for _, path in ipairs(found.goldens) do
    local stem = path:gsub("%.golden%.yaml$", "")
    if not has[stem] and not fs.read(stem .. ".in.lua") then
      fail(run, selected, "golden " .. stem:match("[^/]*/?[^/]*$"):gsub("/", " "), path,
        ("nothing makes it: %s.in.lua is missing; write the request there, or delete the golden"):format(stem))
    end
  end
end

local function example(folder, name)
  return ("no case shows what it makes: write a request to %s/testdata/%s/minimal.in.lua\n"
    .. '  return { namespace = "demo", sandboxName = "s1", envSecretName = "s1-env", serviceAccountName = "agent" }\n'
    .. "and run sandscript test --update"):format(folder, name)
end

-- Every adapter loads and has a case, so that no change of it goes unseen.
local function check_adapters(run, selected, found)
  local folder, has = found.folder, {}
  for _, path in ipairs(found.inputs) do
    has[parse(path) or ""] = true
  end
  local adapters, state = policy.list()
  if not adapters then
    return fail(run, selected, "golden " .. folder, folder, tostring(state))
  end
  for _, failure in ipairs(state.failed) do
    fail(run, selected, ("golden %s loads"):format(failure.name), failure.file,
      ("%s:%s %s"):format(failure.file, (failure.line or 0) > 0 and failure.line .. ":" or "", failure.message))
  end
  for _, adapter in ipairs(adapters) do
    if not has[adapter.name] then
      fail(run, selected, ("golden %s has a case"):format(adapter.name), adapter.file,
        example(folder, adapter.name))
    end
  end
end

--- Run the cases found; results go to run.specs, files written with update to run.updated.
--- @param selected fun(name: string): boolean
function M.run(found, run, selected, update)
  for _, path in ipairs(found.inputs) do
    run_case(run, selected, path, update)
  end
  check_orphans(run, selected, found)
  if found.folder then
    check_adapters(run, selected, found)
  end
end

return M
