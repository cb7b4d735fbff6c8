-- sandscript get KIND[,KIND…] | KIND NAME… | KIND/NAME…
local manifests = require("ss.cli.manifests")
local native = require("ss.native")
local progress = require("ss.cli.progress")
local table_pages = require("ss.table").pages
local targets = require("ss.cli.targets")

local M = {}

local MANY = { "all-namespaces", "selector", "field-selector" }

local function check_one(job)
  for _, option in ipairs(MANY) do
    if job.options[option] then
      native.fail("usage", ("get: a NAME is of one object, --%s of many; leave one of them out"):format(option))
    end
  end
end

-- Who manages which field is as long as the object, and rarely what is looked for
-- (kubectl leaves it out, too; k8s.get has it).
local function without_managers(items)
  for _, object in ipairs(items) do
    object.metadata.managedFields = nil
  end
  return items
end

local function is_table(job)
  return not job.output or job.output == "table" or job.output == "wide"
end

local function one(job, target)
  check_one(job)
  return k8s.get({ kind = target.kind, name = target.name, namespace = job.given_namespace }, {
    timeout = job.timeout,
  })
end

local function page(job, target, token)
  return assert(k8s.list {
    kind = target.kind,
    namespace = job.given_namespace,
    allNamespaces = job.options["all-namespaces"] or false,
    labelSelector = job.options.selector,
    fieldSelector = job.options["field-selector"],
    timeout = job.timeout,
    continue = token,
  })
end

-- Each output is {page = fn(items, columns), done = fn(metadata)}: a list of any size is printed a page at
-- a time, so that no more than that is in memory. columns: the server's, where the cells of items are its.

-- A List, an object to a line.
local function json_list()
  local before = '{"apiVersion":"v1","items":['
  return {
    page = function(items)
      for _, object in ipairs(items) do
        print(before)
        before = json.encode(object) .. ","
      end
    end,
    done = function(metadata)
      -- The last object has no comma behind it.
      local last = before:sub(-1) == "," and before:sub(1, -2) or before
      print(last .. '],"kind":"List","metadata":' .. json.encode(metadata) .. "}")
    end,
  }
end

local function yaml_text(value)
  return (yaml.encode(value):gsub("\n$", ""))
end

local function yaml_list()
  local any = false
  return {
    page = function(items)
      if #items > 0 then
        print((any and "" or "apiVersion: v1\nitems:\n") .. yaml_text { items = items }:sub(#"items:\n" + 1))
        any = true
      end
    end,
    done = function(metadata)
      print((any and "" or "apiVersion: v1\nitems: []\n") .. yaml_text { kind = "List", metadata = metadata })
    end,
  }
end

local function names()
  return {
    page = function(items)
      for _, object in ipairs(items) do
        print(manifests.name(object))
      end
    end,
    done = function() end,
  }
end

local function rows(job, kind, several)
  local everywhere = job.options["all-namespaces"]
  local render = table_pages {
    namespace = everywhere,
    labels = job.options["show-labels"],
    wide = job.output == "wide",
    prefix = several and manifests.prefix or nil,
  }
  local any = false
  return {
    page = function(items, columns)
      if #items > 0 then
        print(render(items, columns))
        any = true
      end
    end,
    done = function()
      if not any then
        local where = everywhere and "any namespace" or "namespace " .. job.namespace
        native.tell(("no %s found in %s (context %s)"):format(kind, where, job.context))
      end
    end,
  }
end

-- Into a file or a pipe goes what the object holds; on a terminal it is shown, not obeyed.
local function text_of(value)
  if type(value) == "table" then
    return json.encode(value)
  elseif native.is_terminal() then
    return (tostring(value):gsub("[^\n\t]+", native.escape))
  end
  return tostring(value)
end

-- -o lua=EXPR: an expression in which the fields of the object are variables, and `object` is all of
-- it; what it gives is printed, a line for each object, nothing for nil.
local function expressions(job)
  local source = job.output:sub(#"lua=" + 1)
  local object
  local fields = setmetatable({}, {
    __index = function(_, name)
      if name == "object" then
        return object
      end
      local value = object[name]
      return value == nil and _G[name] or value
    end,
  })
  local chunk, problem = load("return " .. source, "=-o lua", "t", fields)
  if not chunk then
    native.fail("usage", ("get: %s"):format(problem))
  end
  return {
    page = function(items)
      for _, item in ipairs(items) do
        object = item
        local ok, value = pcall(chunk)
        if not ok and not tostring(value):find("attempt to index a nil value", 1, true) then
          native.fail("invalid", ("get: %s"):format(tostring(value)))
        elseif ok and value ~= nil then
          print(text_of(value))
        end
      end
    end,
    done = function() end,
  }
end

local OUTPUTS = { json = json_list, yaml = yaml_list, name = names }

local function output_of(job, kind)
  if job.output and job.output:find("^lua=") then
    return expressions(job)
  end
  return (OUTPUTS[job.output] or rows)(job, kind)
end

local function print_one(job, object, kind)
  without_managers { object }
  if job.output == "json" then
    print(json.encode(object))
  elseif job.output == "yaml" then
    print(yaml_text(object))
  else
    output_of(job, kind).page({ object }, object.columnDefinitions)
  end
end

-- Returns the metadata of the whole list.
local function print_pages(job, output, target, items, metadata)
  while true do
    output.page(without_managers(items), metadata.columnDefinitions)
    local token = metadata.continue
    if type(token) ~= "string" or token == "" then
      break
    end
    items, metadata = page(job, target, token)
  end
  metadata.continue, metadata.remainingItemCount = nil, nil
  return metadata
end

-- The objects that are named one after the other, as one page. The last failure is returned, others are told.
local function named(job, targets_, output)
  local objects, failure = {}, nil
  for _, target in ipairs(targets_) do
    local object, err = one(job, target)
    if object then
      objects[#objects + 1] = object
    else
      if failure then
        native.tell("sandscript: " .. tostring(failure))
      end
      failure = err
    end
  end
  if #objects > 0 then
    output.page(without_managers(objects), objects[1].columnDefinitions)
  end
  return failure
end

-- {kind=, targets=} for each kind, in the order given; a table is of one.
local function by_kind(all)
  local groups = {}
  for _, target in ipairs(all) do
    local last = groups[#groups]
    if not last or last.kind ~= target.kind then
      last = { kind = target.kind, targets = {} }
      groups[#groups + 1] = last
    end
    table.insert(last.targets, target)
  end
  return groups
end

-- Several targets: one List of all, or a table for each kind. What is missing is said, the rest shown.
local function print_many(job, all)
  local groups = by_kind(all)
  local output, failure = not is_table(job) and output_of(job) or nil, nil
  for i, group in ipairs(groups) do
    if is_table(job) and i > 1 then
      print("")
    end
    local out = output or rows(job, group.kind, #groups > 1)
    if group.targets[1].name then
      local err = named(job, group.targets, out)
      if err and failure then
        native.tell("sandscript: " .. tostring(failure))
      end
      failure = err or failure
    else
      local metadata = print_pages(job, out, group.targets[1], page(job, group.targets[1], ""))
      if not output then
        out.done(metadata)
      end
    end
  end
  if output then
    output.done({})
  end
  if failure then
    error(failure, 0)
  end
end

-- Changes from the version on, a row (or an object) each.
local function follow(job, target, version, output)
  local watch = assert(k8s.watch {
    kind = target.kind,
    name = target.name,
    namespace = job.given_namespace,
    allNamespaces = job.options["all-namespaces"] or nil,
    labelSelector = job.options.selector,
    resourceVersion = version,
  })
  for event in watch do
    if event.object and event.type ~= "BOOKMARK" then
      output.page(without_managers { event.object }, event.object.columnDefinitions)
    end
  end
end

local function check_watch(job, all)
  if job.options.watch and (#all > 1 or job.output == "yaml" or job.output == "json") then
    native.fail("usage", "get: --watch follows one kind or object, as a table, -o name or -o lua=EXPR")
  end
end

function M.main(job)
  local all = targets.parse("get", job.args)
  local target = all[1]
  check_watch(job, all)
  if is_table(job) then
    native.tables()
  end
  if #all > 1 then
    print_many(job, all)
    return 0
  end
  local first, metadata = progress.run("reading " .. target.kind, function()
    if target.name then
      return assert(one(job, target))
    end
    return page(job, target, "")
  end)
  if target.name and not job.options.watch then
    print_one(job, first, target.kind)
    return 0
  end
  local output = output_of(job, target.kind)
  if target.name then
    output.page(without_managers { first }, first.columnDefinitions)
    follow(job, target, first.metadata.resourceVersion, output)
    return 0
  end
  metadata = print_pages(job, output, target, first, metadata)
  if job.options.watch then
    follow(job, target, metadata.resourceVersion, output)
  else
    output.done(metadata)
  end
  return 0
end

return M
