-- `sandscript check` of scripts: what their code makes of globals (native.uses), held against what there
-- is: the tables of lua/ss/api and the globals of this state, which is one that scripts run in. Nothing is
-- said where a value is not known for sure.
local native = require("ss.native")
local api = require("ss.reference")
local manifest_check = require("ss.manifest_check")
local options = require("ss.options")

local M = {}

-- Calls whose failure means that the run is being stopped, or that can only be met by going on.
local UNCHECKED = { ["task.map"] = true, ["task.sleep"] = true, ["task.spawn"] = true }

-- Globals that some files have: the arguments of a script; a module of adapters may use their constructors.
local SOME = { arg = true, adapter = true, overlay = true }

-- What stands in the place of what stock Lua has.
local INSTEAD = { io = "fs.read, fs.write and fs.stdin", ["os.getenv"] = "env.get" }

-- What helpers of specs may have, too: they run with the libraries of stock Lua, beside busted.
local OF_SPECS = {}
for name in ([[io dofile loadfile describe context insulate expose it spec test pending before_each after_each
  setup teardown lazy_setup lazy_teardown strict_setup strict_teardown finally spy stub mock match async done
  randomize temp_folder]]):gmatch("%S+") do
  OF_SPECS[name] = true
end

-- name -> true: globals, and fields of them, that some file assigns
local written = {}
local files = {}
local with_specs = {} -- folder -> whether it has specs
local folders = {}

-- path -> {is_open =, [i] = path…}: files, those they require and that require them. is_open: globals are reached
-- in a way that cannot be followed.
local nodes = {}

-- --- collecting -----------------------------------------------------------------------------
local function is_ours(module)
  return api.entries(module) ~= nil
end

local function node_of(path)
  path = path:gsub("/+", "/"):gsub("^%./", "")
  nodes[path] = nodes[path] or { path = path }
  return nodes[path]
end

local function note(uses, file)
  for _, use in ipairs(uses) do
    if use.what == "write" then
      written[use.name] = true
    elseif use.what == "open" or use.what == "read" and (use.name == "load" or use.name == "dofile") then
      file.node.is_open = true
    elseif use.what == "read" and use.tested then
      file.tested[use.name] = true
    elseif use.what == "method" then
      file.methods[use.name .. use.line] = true
    end
  end
end

local function find_module(folder, name)
  for _, dir in ipairs { folder, table.unpack(folders) } do
    for _, form in ipairs { "%s/%s.lua", "%s/%s/init.lua" } do
      local path = form:format(dir, (name:gsub("%.", "/")))
      local text = native.exists(path) and fs.read(path)
      if text then
        return path, text
      end
    end
  end
end

local note_modules

-- Modules may assign globals, too; of one that is not found nothing is known.
local function note_module(name, file, folder)
  local path, text = find_module(folder, name)
  if not path then
    file.node.is_open = true
    return
  end
  local node = node_of(path)
  table.insert(node, file.node)
  table.insert(file.node, node)
  if not node.is_read then
    node.is_read = true
    local uses = native.uses(text) or {}
    local module = { node = node, tested = {}, methods = {} }
    note(uses, module)
    note_modules(uses, module, folder)
  end
end

function note_modules(uses, file, folder)
  for _, use in ipairs(uses) do
    if use.what == "require" and not (use.name and (use.name == "sandscript" or package.loaded[use.name])) then
      note_module(use.name or "", file, folder)
    end
  end
end

-- What an open file reaches, its modules and who requires it may have been given by it.
local function spread(node)
  local open = { node }
  while #open > 0 do
    for _, other in ipairs(table.remove(open)) do
      if not other.is_open then
        other.is_open = true
        open[#open + 1] = other
      end
    end
  end
end

local function has_specs(folder)
  if with_specs[folder] == nil then
    with_specs[folder] = false
    for _, name in ipairs(fs.list(folder) or {}) do
      with_specs[folder] = with_specs[folder] or name:find("_spec%.lua$") ~= nil
    end
  end
  return with_specs[folder]
end

-- Beside specs, or in a folder beside them.
local function is_of_specs(folder)
  return has_specs(folder) or has_specs(folder == "." and ".." or folder:match("^(.*)/[^/]+$") or ".")
end

--- A file more.
function M.add(name, text, policy_folder)
  local uses = not text:find("^%-%-%-@meta") and native.uses(text)
  if uses then
    local folder = name:match("^(.*)/[^/]*$") or "."
    local file = { name = name, node = node_of(name), uses = uses, tested = {}, methods = {},
      is_of_specs = is_of_specs(folder) }
    folders = { policy_folder }
    files[#files + 1] = file
    note(uses, file)
    note_modules(uses, file, folder)
  end
end

-- --- names ------------------------------------------------------------------------------------
local function keys_of(t)
  local list = {}
  for key in next, t do
    list[#list + 1] = type(key) == "string" and key or nil
  end
  table.sort(list)
  return list
end

local function with_suggestion(text, word, words, more)
  local near = native.suggest(word, words) or more and native.suggest(word, more)
  return near and ("%s: did you mean '%s'?"):format(text, near) or text
end

local function check_global(file, name)
  local is_known = _G[name] ~= nil or SOME[name] or written[name] or file.is_of_specs and OF_SPECS[name]
  if not is_known and not file.tested[name] and not file.node.is_open then
    return INSTEAD[name] and ("unknown global '%s': scripts have %s"):format(name, INSTEAD[name])
      or with_suggestion(("unknown global '%s'"):format(name), name, keys_of(_G), keys_of(written))
  end
end

-- What there is in a module by name; nil when it is not known.
local function fields_of(module, file)
  local is_client = module == "connect()"
  local entries = api.entries(is_client and "k8s" or module)
  local fields = is_client and { context = true, namespace = true, server = true } or {}
  if written[module] then
    return nil
  elseif not entries then
    local value = not file.is_of_specs and rawget(_G, module)
    return type(value) == "table" and value ~= _G and value ~= package and value or nil
  end
  for _, entry in ipairs(entries) do
    fields[entry.name:match("%.(.*)$")] = true
  end
  return fields
end

local function check_field(file, name)
  local module, field = name:match("^([^.]+)%.([^.]+)$")
  local fields = module and fields_of(module, file)
  if fields and fields[field] == nil and not written[name] and not file.tested[name] then
    local shown = module == "connect()" and "client" or module
    local near = native.suggest(field, keys_of(fields))
    return ("there is no '%s.%s'%s"):format(shown, field, INSTEAD[name] and ": scripts have " .. INSTEAD[name]
      or near and (": did you mean '%s.%s'?"):format(shown, near) or "")
  end
end

-- --- arguments -------------------------------------------------------------------------------------
local TYPES = { boolean = "true or false", string = "a string", number = "a number", integer = "an integer" }

-- A literal that the option does not take; json.null stands for what is known at run time.
local function check_option(name, key, value, choices)
  local want, got = options[key] and options[key].type, type(value)
  if value == json.null then
    return nil
  elseif TYPES[want] and got ~= (want == "integer" and "number" or want) then
    return ("%s: option '%s' must be %s, not a %s"):format(name, key, TYPES[want], got)
  elseif not want and choices and got == "string" then
    for _, choice in ipairs(choices) do
      if value == choice then
        return nil
      end
    end
    return ("%s: option '%s' must be one of %s"):format(name, key, table.concat(choices, ", "))
  end
end

-- The argument behind `index` that takes the option.
local function place_of(entry, index, key)
  for i = index + 1, #entry.params do
    for _, option in ipairs(api.options(entry.name, i)) do
      if option == key then
        return i
      end
    end
  end
end

local WHERE = { "first", "second", "third" }

local function misplaced(entry, index, key)
  local place = place_of(entry, index, key)
  local before = place and ("{…}, "):rep(place - 1)
  return place and ("%s: '%s' goes into the %s table: %s(%s{%s=…})"):format(entry.name, key, WHERE[place],
    entry.name, before, key)
end

-- Of a field of a table that native.uses gave.
local function line_of(holder, key)
  return (getmetatable(holder).lines or {})[key]
end

-- Every key must be one that the call knows.
local function check_keys(entry, index, argument, report)
  local order, choices = api.options(entry.name, index)
  local known = {}
  for _, key in ipairs(order) do
    known[key] = true
  end
  for key, value in next, argument do
    local line = line_of(argument, key)
    if not known[key] then
      report(misplaced(entry, index, key)
        or with_suggestion(("%s: unknown option '%s'"):format(entry.name, key), key, order), line)
    else
      report(check_option(entry.name, key, value, choices[key]), line)
    end
  end
end

-- A custom resource may have a field of any name; its group has a dot.
local function is_built_in(version)
  return type(version) == "string" and not version:find("^[^/]*%.[^/]*/")
end

local function check_fields(entry, object, report)
  for _, finding in ipairs(manifest_check.findings(object)) do
    report(("%s: %s: %s"):format(entry.name, finding.path, finding.message), line_of(finding.holder, finding.key))
  end
end

local function check_object(entry, index, argument, report)
  for key, value in next, argument do
    if is_built_in(argument.apiVersion) and type(value) ~= "table" and value ~= json.null
      and misplaced(entry, index, key) then
      report(misplaced(entry, index, key), line_of(argument, key))
      argument[key] = nil
    end
  end
  check_fields(entry, argument, report)
  for _, item in ipairs(argument) do
    if type(item) == "table" then
      check_fields(entry, item, report)
    end
  end
end

-- YAML or JSON in place of the object.
local function check_text(entry, text, report)
  local objects, err = yaml.decode_all(text)
  if not objects then
    report(("%s: the text is no YAML: %s"):format(entry.name, err.message))
  end
  for _, object in ipairs(objects or {}) do
    for _, finding in ipairs(manifest_check.findings(object)) do
      report(("%s: %s: %s"):format(entry.name, finding.path, finding.message))
    end
  end
end

local function check_argument(entry, index, argument, report)
  local kind = entry.params[index]:match("^%S+ (.*)$")
  if type(argument) == "string" and kind:find("k8s.Object", 1, true) and kind:find("|string", 1, true) then
    check_text(entry, argument, report)
  end
  if type(argument) ~= "table" then
    return
  end
  if kind:find("k8s.Ref", 1, true) then
    if argument.metadata == nil then
      check_keys(entry, index, argument, report)
    end
  elseif kind:find("k8s.Object", 1, true) then
    check_object(entry, index, argument, report)
  elseif kind == "options" or kind == "policy.Input" or kind == "sandbox.Input" then
    check_keys(entry, index, argument, report)
  end
end

-- --- calls -------------------------------------------------------------------------------------------
local function check_lost(entry, lost)
  if lost and not UNCHECKED[entry.name] and (entry.returns or ""):find("nil, err", 1, true) then
    local what = lost == true and ("nobody looks whether %s fails"):format(entry.name)
      or ("nobody looks at '%s', and so whether %s fails"):format(lost, entry.name)
    return ("%s: write assert(%s(…)), test what it returns (local ok, err = …), or say that it does not matter "
      .. "(local _ = …)"):format(what, entry.name)
  end
end

local function check_call(file, use, report)
  local module = use.name:match("^[^.]+")
  local name = use.name:gsub("^connect%(%)", "k8s")
  local entry = api.entry(name)
  if not entry or not entry.params or written[module] or written[use.name] or file.methods[use.name .. use.line] then
    return
  end
  report(check_lost(entry, use.lost))
  for i, argument in ipairs(use.args) do
    if entry.params[i] then
      check_argument(entry, i, argument, report)
    end
  end
end

local function check_use(file, use, report)
  if use.what == "read" then
    report(use.name:find(".", 1, true) and check_field(file, use.name) or nil)
    report(not use.name:find(".", 1, true) and check_global(file, use.name) or nil)
  elseif use.what == "method" then
    local module = use.name:match("^([^.]+)%.[^.]+$")
    if module and not written[module] and (module == "connect()" or is_ours(module)) then
      report(("%s is called with a dot, not with a colon"):format(use.name:gsub("^connect%(%)", "client")))
    end
  elseif use.what == "call" then
    check_call(file, use, report)
  end
end

--- What is wrong with the files.
--- @return { file: string, line: integer, message: string }[]
function M.findings()
  local list = {}
  for _, node in next, nodes do
    if node.is_open then
      spread(node)
    end
  end
  for _, file in ipairs(files) do
    for _, use in ipairs(file.uses) do
      check_use(file, use, function(message, line)
        if message then
          list[#list + 1] = { file = file.name, line = line or use.line, message = message }
        end
      end)
    end
  end
  return list
end

return M
