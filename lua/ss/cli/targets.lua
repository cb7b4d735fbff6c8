-- What the words behind `get` and `delete` name: KIND, KIND NAME…, KIND,KIND…, KIND/NAME… (which is
-- what -o name prints).
local native = require("ss.native")

local M = {}

local function usage(command, text)
  native.fail("usage", ("%s: %s"):format(command, text))
end

local function of_slashes(command, words)
  local targets = {}
  for i, word in ipairs(words) do
    local kind, name = word:match("^([^/]+)/([^/]+)$")
    if not kind then
      usage(command, ("'%s' is no KIND/NAME, as the %s"):format(word, i == 1 and "others are" or "first word is"))
    end
    targets[i] = { kind = kind, name = name }
  end
  return targets
end

--- @param command string for messages
--- @param words string[] not empty
--- @return { kind: string, name?: string }[] in the order given; without a name: all of the kind
function M.parse(command, words)
  if words[1]:find("/", 1, true) then
    return of_slashes(command, words)
  end
  local targets = {}
  for kind in words[1]:gmatch("[^,]+") do
    for i = 2, math.max(#words, 2) do
      if words[i] and words[i]:find("/", 1, true) then
        usage(command, ("'%s' is no name: write KIND NAME…, or KIND/NAME…"):format(words[i]))
      end
      targets[#targets + 1] = { kind = kind, name = words[i] }
    end
  end
  if #targets == 0 then
    usage(command, ("'%s' names no kind"):format(words[1]))
  end
  return targets
end

return M
