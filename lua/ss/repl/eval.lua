-- Text becomes a chunk, a chunk results or an error.
local native = require("ss.native")
local scan = require("ss.repl.scan")

local M = {}

local debug, load, pcall, table, tostring, type, xpcall = debug, load, pcall, table, tostring, type, xpcall
local rawget, rawlen = rawget, rawlen

local MAX_FRAMES, MAX_CAUSES = 8, 20

--- The chunk of a text: as an expression when it is one, else as statements.
--- @return function|nil chunk
--- @return string|boolean  the message, or whether it is an expression
function M.compile(text, name)
  local chunk = load("return " .. text, name, "t")
  if chunk then
    return chunk, true
  end
  local message
  chunk, message = load(text, name, "t")
  return chunk, chunk and false or message
end

--- The text without the `local` that it begins with: at the prompt a name must not end with its line.
function M.without_local(text)
  local rest = text:match("^%s*local%s+(function%s.*)$") or text:match("^%s*local%s+([%a_][%w_,%s]*=[^=].*)$")
  return rest and load(rest, "=", "t") and rest or text
end

--- Is the text complete (or wrong in a way that more text will not mend)?
--- @return boolean complete
--- @return integer|nil depth of what is open
function M.check(text)
  local chunk, message = M.compile(text, "=prompt")
  if chunk or not message:find("<eof>$") then
    return true
  end
  return false, math.max(1, scan.depth(text))
end

-- Frames from the error up to the prompt, without the engine's own.
local function frames(trace)
  local list = {}
  for line in trace:gmatch("\n\t([^\n]+)") do
    if line:find("ss.repl", 1, true) then
      break
    elseif not line:find("^%[C%]") and not line:find("^ss%.") and not line:find("^%(%.%.%.tail") then
      list[#list + 1] = line
    end
  end
  return list
end

--- Call a chunk.
--- @return table|nil results  of table.pack
--- @return any err
--- @return string[]|nil frames  of the traceback
function M.call(chunk, ...)
  local trace
  local results = table.pack(xpcall(chunk, function(err)
    trace = debug.traceback("", 2)
    return err
  end, ...))
  if results[1] then
    return table.pack(table.unpack(results, 2, results.n))
  end
  return nil, results[2], trace and frames(trace) or {}
end

--- Do these results say that the call failed: nil, err?
function M.failure(results)
  return results.n >= 2 and results[1] == nil and native.is_error(results[2]) and results[2] or nil
end

-- --- errors as text ---------------------------------------------------------------------------

local function cause_text(cause)
  if type(cause) ~= "table" then
    return tostring(cause)
  end
  local path = rawget(cause, "path") or rawget(cause, "field")
  local rule, fix = rawget(cause, "rule"), rawget(cause, "fix")
  return (path and path ~= "" and path .. ": " or "") .. tostring(rawget(cause, "message"))
    .. (rule and " [" .. rule .. "]" or "") .. (fix and ": " .. fix or "")
end

-- As the command line reports them: the message has the first one already.
local function causes_of(err)
  local is_policy = rawget(err, "code") == "policy"
  local list = is_policy and err or rawget(err, "causes")
  local lines = {}
  if type(list) ~= "table" or not is_policy and rawlen(list) < 2 then
    return lines
  end
  for i = is_policy and 2 or 1, math.min(rawlen(list), MAX_CAUSES) do
    local ok, text = pcall(cause_text, rawget(list, i))
    lines[#lines + 1] = ok and text or "?"
  end
  if rawlen(list) > MAX_CAUSES then
    lines[#lines + 1] = ("… %d more"):format(rawlen(list) - MAX_CAUSES)
  end
  return lines
end

local MODULES = { "k8s", "sandbox", "policy", "task", "json", "yaml", "log", "fs", "env" }

-- ": did you mean k8s.apply?" for a call of what no module has.
local function hint(message)
  local kind, name = message:match("attempt to %a+ a nil value %((%a+) '([%w_]+)'%)")
  if kind ~= "field" and kind ~= "global" then
    return ""
  end
  for _, module in ipairs(MODULES) do
    local names = {}
    for key, value in pairs(kind == "field" and package.loaded[module] or {}) do
      names[#names + 1] = type(value) == "function" and key or nil
    end
    local near = native.suggest(name, names)
    if near then
      return (": did you mean %s.%s?"):format(module, near)
    end
  end
  local near = kind == "global" and native.suggest(name, MODULES)
  return near and (": did you mean %s?"):format(near) or ""
end

--- One line per element: the message, causes, frames; escaped.
--- @param err any  what was raised or returned
--- @param trace string[]|nil
function M.error_lines(err, trace)
  local lines
  if native.is_error(err) then
    local code = rawget(err, "code")
    lines = { tostring(err) .. (code and code ~= "script" and " (" .. tostring(code) .. ")" or "") }
    for _, cause in ipairs(causes_of(err)) do
      lines[#lines + 1] = "  " .. cause
    end
  elseif type(err) == "string" or type(err) == "number" then
    lines = { tostring(err) .. hint(tostring(err)) }
  else
    lines = { "(error object is a " .. type(err) .. "; _err has it)" }
  end
  if trace and #trace > 1 then
    for i = 1, math.min(#trace, MAX_FRAMES) do
      lines[#lines + 1] = "  " .. trace[i]
    end
    if #trace > MAX_FRAMES then
      lines[#lines + 1] = ("  … %d more"):format(#trace - MAX_FRAMES)
    end
  end
  local out = {}
  for _, line in ipairs(lines) do
    for part in (line .. "\n"):gmatch("(.-)\n") do
      out[#out + 1] = part:gsub("[^\t]+", native.escape)
    end
  end
  return out
end

return M
