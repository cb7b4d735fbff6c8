-- `sandscript test`: goldens (ss.spec.golden), and specs by busted inside the host, as a
-- task, so that a spec simply calls what waits. Specs see busted's functions, the engine's
-- modules, and temp_folder(), a fresh folder that is removed after the file.
local M = {}

local function need(name, package)
  local ok, value = pcall(require, name)
  if not ok then
    error(("test: the Lua module '%s' is missing; install the package %s\n%s")
      :format(name, package, value), 0)
  end
  return value
end

-- Failures of assert.same list what differs instead of printing both tables.
local function show_differences()
  local diff = require "ss.spec.diff"
  local say = require "say"
  local util = require "luassert.util"

  local function same(state, arguments, level)
    if arguments.n < 2 then
      error("assert.same needs two values", (level or 1) + 1)
    end
    local expected, got = arguments[1], arguments[2]
    local equal = util.deepcompare(expected, got, true)
    if not equal then
      local note = arguments[3] and tostring(arguments[3]) .. "\n" or ""
      state.failure_message = note .. "the values differ:\n" .. diff.lines(expected, got)
    end
    return equal
  end

  say:set("ss.same", "")
  require("luassert"):register("assertion", "same", same, "ss.same", "assertion.same.negative")
end

-- The names of the describes around an element, and its own.
local function full_name(busted, parent, name)
  local names = { name }
  while parent and parent.descriptor ~= "file" and parent.descriptor ~= "suite" do
    table.insert(names, 1, parent.name)
    parent = busted.context.parent(parent)
  end
  return table.concat(names, " ")
end

-- A pattern of Lua; what is none is taken as plain text.
local function matches(name, pattern)
  local ok, at = pcall(string.find, name, pattern)
  if not ok then
    at = name:find(pattern, 1, true)
  end
  return at ~= nil
end

local function only_matching(busted, pattern)
  local function filter(name)
    return nil, matches(full_name(busted, busted.context.get(), name), pattern)
  end
  for _, descriptor in ipairs { "it", "pending" } do
    busted.subscribe({ "register", descriptor }, filter, { priority = 1 })
  end
end

local STATUS = { success = "passed", pending = "skipped" }

-- Collects what happened into run; failures outside a spec (a file that does not load,
-- a hook that raises) are failed specs of their own.
local function record(busted, run)
  local message

  local function add(element, parent, status, text)
    local trace = element.trace or {}
    run[status] = run[status] + 1
    run.specs[#run.specs + 1] = {
      name = full_name(busted, parent, element.name or element.descriptor), status = status,
      message = type(text) == "string" and text:gsub("%s+$", "") or nil,
      file = trace.short_src, line = trace.currentline, seconds = element.duration or 0,
    }
  end

  local function note(element, parent, text)
    if element.descriptor == "it" then
      message = text
    elseif element.descriptor == "file" then
      add({ name = "the file", trace = { short_src = element.name, currentline = 1 } }, nil,
        "failed", text)
    else
      add(element, parent, "failed", text)
    end
    return nil, true
  end

  for _, event in ipairs { "failure", "error", "pending" } do
    busted.subscribe({ event }, note)
  end
  busted.subscribe({ "test", "start" }, function()
    message = nil
    return nil, true
  end)
  busted.subscribe({ "test", "end" }, function(element, parent, status)
    add(element, parent, STATUS[status] or "failed", message)
    return nil, true
  end)
end

local function register_files(busted, files, clear)
  for _, name in ipairs(files) do
    local run, err = loadfile(name)
    if not run then
      run = function()
        error(err, 0)
      end
    end
    busted.executors.file(name, setmetatable({
      getTrace = function(_, info)
        return info
      end,
    }, { __call = run }))
  end
  busted.subscribe({ "file", "end" }, function()
    clear()
    return nil, true
  end)
end

local function run_specs(found, pattern, run)
  need("busted.core", "lua-busted")
  local busted = require "busted.core" ()
  require "busted" (busted)
  show_differences()
  local new_folder, clear = require("ss.spec.files").folders()
  busted.export("temp_folder", new_folder)
  if pattern then
    only_matching(busted, pattern)
  end
  record(busted, run)
  register_files(busted, found.specs, clear)
  local start = busted.monotime()
  require "busted.execute" (busted)(1, {})
  run.seconds = run.seconds + busted.monotime() - start
end

-- run(paths, {run = pattern, update = bool}) -->
--   {specs = {…}, passed =, failed =, skipped =, seconds =, updated = {{file =, message =}…},
--    apart = {folder…}}
function M.run(paths, options)
  local found = require("ss.spec.files").find(paths)
  local run = { specs = {}, passed = 0, failed = 0, skipped = 0, updated = {}, apart = found.apart }
  local start = os.clock()
  local function selected(name)
    return not options.run or matches(name, options.run)
  end
  require("ss.spec.golden").run(found, run, selected, options.update)
  run.seconds = os.clock() - start
  if #found.specs > 0 then
    run_specs(found, options.run, run)
  end
  return run
end

-- Standard output holds the report alone.
local function print_to_stderr(...)
  local parts = table.pack(...)
  for i = 1, parts.n do
    parts[i] = tostring(parts[i])
  end
  io.stderr:write(table.concat(parts, "\t"), "\n")
end

-- main{paths = {…}, run = pattern, update = bool, output = "text" | "json" | "junit" | "tap"} --> exit code
function M.main(job)
  local output = job.output or "text"
  local write = function(text)
    io.stdout:write(text)
  end
  if output ~= "text" then
    print = print_to_stderr
  end
  local pattern = job.run ~= "" and job.run or nil
  local run = M.run(job.paths, { run = pattern, update = job.update })
  require "ss.spec.output"[output](run, write)
  io.stdout:flush()
  for _, folder in ipairs(run.apart) do
    io.stderr:write(("test: not included: %s is a policy folder of its own\n"):format(folder))
  end
  if #run.specs == 0 then
    io.stderr:write(("test: no test matches '%s'\n"):format(job.run or ""))
    return 1
  end
  return run.failed == 0 and 0 or 1
end

return M
