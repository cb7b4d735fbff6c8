-- What must not be kept: lines that hold a secret.
local native = require("ss.native")

local M = {}

local ipairs = ipairs

local MAX_BYTES = 256 << 10

-- Names of what is secret, in lower case; those that end in "name" or "ref" only say where it is.
local NAMES = { "token", "passw", "secret", "credential", "api_?%-?key", "access_?%-?key", "private_?%-?key" }
-- A name with a literal behind it: token = "…", ["PASSWORD"] = …, "secret": "…", token=abc.
local ASSIGNED = { "([%a_][%w_-]*)[\"'%]]*%s*[=:]%s*[\"'%[]", "([%a_][%w_-]*)[=:][^%s=,;)}\"']" }
local SHAPES = {
  "bearer%s+%S", "authorization%s*[=:\"'%]]", "%-%-%-%-%-begin ", "%f[%w]sk%-[%w_-]+%w", "%f[%w]gh[pousr]_%w",
  "%f[%w]xox[abprs]%-", "%f[%w]akia%w+", "%f[%w]eyj[%w_-]+%.eyj", "stringdata",
}

local function count(text, word)
  local _, n = text:gsub(word, "")
  return n
end

local function has_secret_data(text)
  return text:find("kind[\"'%]]*%s*[=:]%s*[\"']?secret%f[%W]") and text:find("%f[%w]data[\"'%]]*%s*[=:]")
end

local function is_secret_name(key)
  if key:find("name$") or key:find("ref$") then
    return false
  end
  for _, name in ipairs(NAMES) do
    if key:find(name) then
      return true
    end
  end
  return false
end

--- May the text be kept in a file?
function M.storable(text)
  if #text > MAX_BYTES then
    return false
  end
  local lower = text:lower()
  for _, pattern in ipairs(ASSIGNED) do
    for key in lower:gmatch(pattern) do
      if is_secret_name(key) then
        return false
      end
    end
  end
  for _, shape in ipairs(SHAPES) do
    if lower:find(shape) then
      return false
    end
  end
  -- What the log would not show either.
  return not has_secret_data(lower) and count(native.escape(text), "%[secret%]") == count(text, "%[secret%]")
end

return M
