-- Colours of a terminal by what a piece of text is; none where there is no colour.
local M = {}

local CODES = {
  key = "36",
  string = "32",
  number = "33",
  boolean = "35",
  null = "2",
  note = "2",
  heading = "1",
  error = "31",
  good = "32",
  danger = "1;31",
}

--- @param on boolean
--- @return fun(kind: string, text: string): string
function M.new(on)
  if not on then
    return function(_, text)
      return text
    end
  end
  return function(kind, text)
    local code = CODES[kind]
    return code and text ~= "" and "\27[" .. code .. "m" .. text .. "\27[0m" or text
  end
end

return M
