-- :save: the inputs of a session that succeeded, as a script that does the same.
local _, ss = ...
local scan = require("ss.repl.scan")

local M = {}

local ipairs, load, os, table = ipairs, load, os, table

-- The text of an expression as a statement. What was there then is asserted to be there again.
local function statement(block, uses_last)
  local text = block.text:gsub("^%s+", ""):gsub("[%s;]+$", "")
  local close = text:find("--", 1, true) and "\n)" or ")"
  local value = (block.value and "assert(" or "(") .. text .. close
  if uses_last then
    return "_1, _ = _, " .. value
  end
  return block.value and value or "local _ = " .. value
end

-- A local of an input ends with it.
local function enclosed(text)
  for _, word in ipairs { "local", "goto", "::" } do
    if scan.has_outer(text, word) then
      return "do\n" .. text .. "\nend"
    end
  end
  return text
end

-- `return x` at the prompt shows x; in a script it would end it.
local function returned(text)
  local value = text:match("^%s*return%f[%W](.*)$")
  return value and load("return " .. value) and value
end

local function target_line(target)
  return target.embedded and ("k8s = assert(k8s.connect{cluster = %q, namespace = %q})"):format(
    "embedded:" .. target.server, target.namespace)
    or ("k8s = assert(k8s.connect{context = %q, namespace = %q})"):format(target.context, target.namespace)
end

local function differs(a, b)
  return a and b and (a.context ~= b.context or a.namespace ~= b.namespace or a.server ~= b.server)
end

--- The script of these blocks.
--- @param blocks table  [n] = {text =, ran =, expression =, value =, target =}
--- @param n integer the number of the last one
--- @return string|nil text; nil when nothing ran
function M.script(blocks, n)
  local uses_last = false
  for i = 1, n do
    local block = blocks[i]
    uses_last = uses_last or block and block.ran and scan.uses(block.text, "^_%d?$")
  end
  local lines, target = {}, nil
  for i = 1, n do
    local block = blocks[i]
    if block and block.ran then
      if differs(target, block.target) then
        lines[#lines + 1] = target_line(block.target)
      end
      target = block.target or target
      local value = not block.expression and returned(block.text)
      if value then
        block = { text = value, value = block.value, expression = true }
      end
      lines[#lines + 1] = block.expression and statement(block, uses_last) or enclosed(block.text)
    end
  end
  if #lines == 0 then
    return nil
  end
  local first
  for i = 1, n do
    first = first or blocks[i] and blocks[i].ran and blocks[i].target
  end
  table.insert(lines, 1, "-- From a session of sandscript, " .. os.date("!%Y-%m-%dT%H:%M:%SZ")
    .. (first and (", on %s/%s."):format(first.context, first.namespace) or "."))
  return table.concat(lines, "\n") .. "\n"
end

function M.save(session, path)
  if path == "" then
    session:report_error(":save FILE")
    return 1
  end
  local text = M.script(session.blocks, session.n_inputs)
  if not text then
    session:report_error("nothing to save: no input has succeeded yet")
    return 1
  elseif session.saved ~= path and ss.fs.read(path) then
    session:report_error(path .. " is there already; name another file")
    return 1
  end
  local ok, err = ss.fs.write(path, text)
  if not ok then
    session:report_error(err)
    return 1
  end
  session.saved = path
  session:say(("%s: run it with `sandscript run %s`"):format(path, path))
  return 0
end

return M
