-- The tokens of Lua text that need not be complete: for the depth of what is open, and for what
-- stands before the cursor.
local M = {}

local ipairs = ipairs

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return
  then true until while]]):gmatch("%a+") do
  KEYWORDS[word] = true
end
M.KEYWORDS = KEYWORDS

-- A long bracket at `at` ("[[", "[==["): position after it, whether it is closed, where its text begins.
local function long_bracket(text, at)
  local equals, body = text:match("^%[(=*)%[()", at)
  if not equals then
    return nil
  end
  local _, stop = text:find("]" .. equals .. "]", body, true)
  return stop and stop + 1 or #text + 1, stop ~= nil, body
end

-- The end of a quoted string: position after it, and whether it is closed.
local function short_string(text, at)
  local quote = text:sub(at, at)
  local i = at + 1
  while true do
    local found = text:find("[\\\n" .. quote .. "]", i)
    if not found then
      return #text + 1, false
    end
    local c = text:sub(found, found)
    if c == quote then
      return found + 1, true
    elseif c == "\n" then
      return found, true -- Lua will say what is wrong with it
    end
    i = found + 2
  end
end

-- One token: kind, position after it, whether it (a string, a comment) is closed, where its text begins.
local function read(text, at)
  local c = text:sub(at, at)
  if c == "-" and text:sub(at, at + 1) == "--" then
    local stop, closed = long_bracket(text, at + 2)
    if stop then
      return "comment", stop, closed
    end
    return "comment", text:find("\n", at, true) or #text + 1, text:find("\n", at, true) ~= nil
  elseif c == '"' or c == "'" then
    local stop, closed = short_string(text, at)
    return "string", stop, closed, at + 1
  elseif c == "[" then
    local stop, closed, body = long_bracket(text, at)
    if stop then
      return "string", stop, closed, body
    end
  elseif c:find("[%a_\128-\255]") then
    local stop = text:match("^[%w_\128-\255]+()", at)
    return KEYWORDS[text:sub(at, stop - 1)] and "keyword" or "name", stop
  elseif c:find("%d") then
    return "number", text:match("^0[xX][%x.]*[pP]?[+-]?%x*()", at) or text:match("^%d[%w.]*()", at)
  end
  local stop = text:match("^%.%.%.?()", at) or text:match("^[=~<>]=()", at) or text:match("^::()", at)
    or text:match("^//()", at) or at + 1
  return "mark", stop
end

--- @return table[] tokens {kind = "name" | "keyword" | "number" | "string" | "comment" | "mark",
---   text =, at = first byte, stop = byte after it, closed = bool of those two, body = first byte of a string's text}
function M.tokens(text)
  local tokens = {}
  local at = text:find("%S")
  while at do
    local kind, stop, closed, body = read(text, at)
    tokens[#tokens + 1] = {
      kind = kind, text = text:sub(at, stop - 1), at = at, stop = stop, closed = closed, body = body,
    }
    at = text:find("%S", stop)
  end
  return tokens
end

local OPENS = { ["("] = 1, ["{"] = 1, ["["] = 1, ["function"] = 1, ["do"] = 1, ["then"] = 1, ["repeat"] = 1 }
local CLOSES = { [")"] = 1, ["}"] = 1, ["]"] = 1, ["end"] = 1, ["until"] = 1, ["elseif"] = 1 }

--- How many blocks, brackets and strings are open at the end of the text.
function M.depth(text)
  local depth = 0
  local at = text:find("%S")
  while at do
    local kind, stop, closed = read(text, at)
    if kind == "mark" or kind == "keyword" then
      local word = text:sub(at, stop - 1)
      depth = depth + (OPENS[word] or 0) - (CLOSES[word] or 0)
    elseif not closed and kind == "string" or kind == "comment" and not closed and text:find("^%-%-%[=*%[", at) then
      depth = depth + 1
    end
    at = text:find("%S", stop)
  end
  return depth > 0 and depth or 0
end

--- Is there a word at the outermost level: `local`, `return` …?
function M.has_outer(text, word)
  local depth = 0
  for _, token in ipairs(M.tokens(text)) do
    if token.kind == "mark" or token.kind == "keyword" then
      if depth == 0 and token.text == word then
        return true
      end
      depth = depth + (OPENS[token.text] or 0) - (CLOSES[token.text] or 0)
    end
  end
  return false
end

--- Does any name of the text match the pattern?
function M.uses(text, pattern)
  for _, token in ipairs(M.tokens(text)) do
    if token.kind == "name" and token.text:find(pattern) then
      return true
    end
  end
  return false
end

return M
