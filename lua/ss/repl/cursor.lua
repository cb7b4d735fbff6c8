-- What is being typed: the word before the cursor, what it is a field of, and the call whose
-- argument it stands in.
local scan = require("ss.repl.scan")

local M = {}

local math, tonumber = math, tonumber

local CLOSERS = { [")"] = "(", ["}"] = "{", ["]"] = "[" }

-- The text of a string token without its quotes; escapes stay as they are.
local function string_value(token)
  local long = token.text:match("^%[(=*)%[")
  if not token.closed then
    return token.text:sub(token.body - token.at + 1)
  end
  return token.text:sub(token.body - token.at + 1, long and -(#long + 3) or -2)
end

-- One key of a chain that ends at tokens[i]: its value and the index before it.
local function key_before(tokens, i)
  local token = tokens[i]
  if not token then
    return nil
  elseif token.kind == "name" then
    return token.text, i - 1
  elseif token.text ~= "]" then
    return nil
  end
  local inner, open = tokens[i - 1], tokens[i - 2]
  if not open or open.text ~= "[" or inner.kind ~= "number" and inner.kind ~= "string" then
    return nil
  end
  local key = inner.kind == "string" and string_value(inner) or math.tointeger(tonumber(inner.text))
  return key, i - 3
end

-- The chain of keys that ends at tokens[last] ("k8s.apply" is {"k8s", "apply"}), or nil.
local function chain_before(tokens, last)
  local chain = {}
  local i = last
  while true do
    local bracketed = tokens[i] and tokens[i].text == "]"
    local key, before = key_before(tokens, i)
    if key == nil then
      return nil
    end
    table.insert(chain, 1, key)
    local sign = tokens[before]
    if bracketed then
      i = before -- what is indexed stands right before the bracket
    elseif sign and (sign.text == "." or sign.text == ":") and sign.kind == "mark" then
      i = before - 1
    else
      return chain
    end
  end
end

-- Note `key = "literal"` of the table being read, for those that depend on it.
local function close_value(frame)
  if frame.key and frame.literal and frame.n_value == 1 then
    frame.pairs[frame.key] = frame.literal
  end
  frame.key, frame.literal, frame.n_value = nil, nil, 0
end

local function open_frame(tokens, i, stack)
  local frame = { sign = tokens[i].text, index = 1, pairs = {}, n_value = 0, at_start = true }
  local before = tokens[i - 1]
  if before and (before.kind == "name" or before.text == "]") then
    frame.callee = chain_before(tokens, i - 1)
  end
  stack[#stack + 1] = frame
end

local function read_in_frame(tokens, i, frame)
  local token = tokens[i]
  if token.text == "," or token.text == ";" then
    close_value(frame)
    frame.index, frame.at_start = frame.index + 1, true
    return
  elseif token.text == "=" and frame.sign == "{" and tokens[i - 1].kind == "name" and frame.n_value == 1 then
    frame.key, frame.n_value, frame.at_start = tokens[i - 1].text, 0, false
    return
  end
  frame.literal = token.kind == "string" and token.closed and string_value(token) or nil
  frame.n_value, frame.at_start = frame.n_value + 1, false
end

-- The brackets that are open after tokens[1..n], innermost last.
local function open_brackets(tokens, n)
  local stack = {}
  for i = 1, n do
    local token = tokens[i]
    local is_mark = token.kind == "mark"
    if is_mark and (token.text == "(" or token.text == "{" or token.text == "[") then
      open_frame(tokens, i, stack)
    elseif is_mark and CLOSERS[token.text] then
      if #stack > 0 and stack[#stack].sign == CLOSERS[token.text] then
        stack[#stack] = nil
      end
      local outer = stack[#stack]
      if outer then
        outer.literal, outer.n_value = nil, outer.n_value + 1
      end
    elseif #stack > 0 and token.kind ~= "comment" then
      read_in_frame(tokens, i, stack[#stack])
    end
  end
  return stack
end

-- The call that the innermost open brackets are arguments of.
local function call_of(stack)
  local top, outer = stack[#stack], stack[#stack - 1]
  if not top then
    return nil
  elseif top.sign == "(" then
    return top.callee and { callee = top.callee, index = top.index, in_table = false, pairs = {} }
  elseif top.sign ~= "{" then
    return nil
  end
  local call = { in_table = true, key = top.key, key_place = top.at_start, pairs = top.pairs,
    value_place = top.key ~= nil and top.n_value == 0 }
  if top.callee then
    call.callee, call.index = top.callee, 1
  elseif outer and outer.sign == "(" and outer.callee then
    call.callee, call.index = outer.callee, outer.index
  elseif outer and outer.sign == "{" and outer.key then
    call.parent = outer.key
  end
  return (call.callee or call.parent) and call or nil
end

local function locals_of(tokens, n)
  local names = {}
  local declaring = false
  for i = 1, n do
    local token = tokens[i]
    if token.kind == "keyword" then
      declaring = token.text == "local" or token.text == "for" or token.text == "function"
    elseif declaring and token.kind == "name" then
      names[token.text] = true
    elseif declaring and (token.text == "=" or token.text == ")") then
      declaring = false
    end
  end
  return names
end

-- A string that is a call's only argument: f "text".
local function bare_call(tokens, n)
  local before = tokens[n]
  if before and (before.kind == "name" or before.text == "]") then
    local callee = chain_before(tokens, n)
    return callee and { callee = callee, index = 1, in_table = false, pairs = {} }
  end
end

--- @param text string up to the cursor
--- @return table|nil  nil where nothing can be completed (a comment, a number), else
---   { word = the part before the cursor, start = its first byte from 0,
---     string = the opening quote when it is inside a string, of = chain it is a field of,
---     method = bool, locals = set of names,
---     call = { callee = chain, index = of the argument, in_table = bool, key = its key there,
---       key_place = bool, a key may stand here, value_place = bool, its value begins here,
---       pairs = string values of the keys before,
---       parent = key of a table without a call } }
function M.at(text)
  local tokens = scan.tokens(text)
  local n = #tokens
  local last = tokens[n]
  local here = { word = "", start = #text }
  if last and last.kind == "string" and not last.closed then
    here.word, here.start, here.string = text:sub(last.body), last.body - 1, text:sub(last.at, last.body - 1)
    n = n - 1
  elseif last and last.kind == "comment" and (not last.closed or last.stop > #text) then
    return nil
  elseif last and last.stop == #text + 1 and last.kind == "number" then
    return nil
  elseif last and last.stop == #text + 1 and (last.kind == "name" or last.kind == "keyword") then
    here.word, here.start = last.text, last.at - 1
    n = n - 1
  end
  local sign = tokens[n]
  if not here.string and sign and sign.kind == "mark" and (sign.text == "." or sign.text == ":") then
    here.of, here.method = chain_before(tokens, n - 1), sign.text == ":"
    return here.of and here or nil
  end
  here.locals = locals_of(tokens, n)
  here.call = here.string and bare_call(tokens, n) or call_of(open_brackets(tokens, n))
  return here
end

return M
