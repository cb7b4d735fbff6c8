-- What must not be kept: lines that hold a secret.
local native = require("ss.native")

local M = {}

local MAX_BYTES = 256 << 10

local function count(text, word)
  local _, n = text:gsub(word, "")
  return n
end

-- A Secret's own values have names of any kind.
local function has_secret_data(lower)
  return lower:find("stringdata", 1, true)
    or lower:find("kind[\"'%]]*%s*[=:]%s*[\"']?secret%f[%W]") and lower:find("%f[%w]data[\"'%]]*%s*[=:]")
end

--- May the text be kept in a file?
function M.storable(text)
  if #text > MAX_BYTES or native.holds_secret(text) or has_secret_data(text:lower()) then
    return false
  end
  -- Nor one of those that are in use.
  return count(native.escape(text), "%[secret%]") == count(text, "%[secret%]")
end

return M
