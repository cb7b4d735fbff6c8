-- sandscript get KIND [NAME]
local manifests = require("ss.cli.manifests")
local native = require("ss.native")
local progress = require("ss.cli.progress")
local table_pages = require("ss.table").pages

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

local function one(job)
  check_one(job)
  return assert(k8s.get({ kind = job.args[1], name = job.args[2], namespace = job.given_namespace }, {
    timeout = job.timeout,
  }))
end

local function page(job, token)
  return assert(k8s.list {
    kind = job.args[1],
    namespace = job.given_namespace,
    allNamespaces = job.options["all-namespaces"] or false,
    labelSelector = job.options.selector,
    fieldSelector = job.options["field-selector"],
    timeout = job.timeout,
    continue = token,
  })
end

-- Each output is {page = fn(items), done = fn(metadata)}: a list of any size is printed a page at a
-- time, so that no more than that is in memory.

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

local function rows(job)
  local everywhere = job.options["all-namespaces"]
  local render = table_pages { namespace = everywhere }
  local any = false
  return {
    page = function(items)
      if #items > 0 then
        print(render(items))
        any = true
      end
    end,
    done = function()
      if not any then
        local where = everywhere and "any namespace" or "namespace " .. job.namespace
        native.stderr(("no %s found in %s (context %s)\n"):format(job.args[1], where, job.context))
      end
    end,
  }
end

local OUTPUTS = { json = json_list, yaml = yaml_list, name = names }

local function print_one(job, object)
  without_managers { object }
  if job.output == "json" then
    print(json.encode(object))
  elseif job.output == "yaml" then
    print(yaml_text(object))
  else
    (OUTPUTS[job.output] or rows)(job).page { object }
  end
end

local function print_pages(job, output, items, metadata)
  while true do
    output.page(without_managers(items))
    local token = metadata.continue
    if not token or token == "" then
      break
    end
    items, metadata = page(job, token)
  end
  metadata.continue, metadata.remainingItemCount = nil, nil
  output.done(metadata)
end

function M.main(job)
  local first, metadata = progress.run("reading " .. job.args[1], function()
    if job.args[2] then
      return one(job)
    end
    return page(job, "")
  end)
  if job.args[2] then
    print_one(job, first)
  else
    print_pages(job, (OUTPUTS[job.output] or rows)(job), first, metadata)
  end
  return 0
end

return M
