-- On which line of a file of manifests a field stands, by its path.
local M = {}

-- "spec.containers[0].image" -> "spec", "containers", 0, "image"; keys with dots are not told apart.
local function steps_of(path)
  local steps = {}
  for part in path:gmatch("[^.]+") do
    local name, indices = part:match("^([^%[]*)(.*)$")
    steps[#steps + 1] = name ~= "" and name or nil
    for index in indices:gmatch("%[(%d+)%]") do
      steps[#steps + 1] = math.tointeger(index)
    end
  end
  return steps
end

-- --- YAML, as people indent it ------------------------------------------------------------------
-- Lines with something on them, until one that is further out than `least`: number, column, and the column
-- behind the dashes of list items.
local function inner_lines(lines, from, least)
  local n = from - 1
  return function()
    repeat
      n = n + 1
      local line = lines[n]
      if not line or n > from and line:find("^%-%-%-") then
        return nil
      end
      local column, inner = line:match("^%s*()[%-%s]*()[^%s#]")
      if column then
        return inner >= least and n or nil, column, inner
      end
    until false
  end
end

local function has_key(line, at, key)
  for _, form in ipairs { key, ('"%s"'):format(key), ("'%s'"):format(key) } do
    if line:sub(at, at + #form - 1) == form and line:find("^%s*:", at + #form) then
      return true
    end
  end
end

-- Keys of one map stand below each other; those of the next item do, too.
local function find_key(lines, from, outer, key)
  local column
  for n, start, at in inner_lines(lines, from, outer + 1) do
    if n > from and start <= outer then
      return nil
    end
    column = column or at
    if at == column and has_key(lines[n], at, key) then
      return n, at
    end
  end
end

-- A dash may stand where the key of the list does.
local function find_item(lines, from, outer, index)
  local column
  for n, at in inner_lines(lines, from, outer) do
    local is_item = lines[n]:find("^%-", at)
    column = column or is_item and at
    if is_item and at == column then
      if index == 0 then
        return n, at
      end
      index = index - 1
    elseif column and at <= column then
      return nil
    end
  end
end

local function split(text)
  local lines = {}
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line
  end
  return lines
end

local function line_in_yaml(lines, first, steps)
  -- What an item holds begins on its own line.
  local line, column, from = first, 0, first
  for _, step in ipairs(steps) do
    local is_item = type(step) ~= "string"
    local n, at = (is_item and find_item or find_key)(lines, from, column, step)
    if not n then
      break
    end
    line, column, from = n, at, is_item and n or n + 1
  end
  return line
end

-- --- JSON -----------------------------------------------------------------------------------
local function skip_string(text, at)
  repeat
    at = text:find('["\\]', at + 1)
    local is_escape = text:sub(at, at) == "\\"
    at = is_escape and at + 1 or at
  until not is_escape
  return at + 1
end

-- Behind the value at `at`. The text was parsed before, so that everything is closed.
local function skip_value(text, at)
  local depth = 0
  repeat
    local c = text:sub(at, at)
    depth = depth + (c:find("[{%[]") and 1 or c:find("[}%]]") and -1 or 0)
    at = c == '"' and skip_string(text, at) or c:find("[{}%[%]]") and at + 1 or text:find("[%s,{}%[%]]", at)
    at = at and (depth > 0 and text:find('[{}%[%]"]', at) or at)
  until not at or depth == 0
  return at or #text + 1
end

-- Where the member begins, and its value, in what begins at `at`.
local function find_member(text, at, step)
  local index = 0
  at = text:find("%S", at)
  while at and not text:find("^[}%]]", at) do
    local start, value, key = at, at, index
    if text:find('^"', at) and type(step) == "string" then
      value = skip_string(text, at)
      key = text:sub(at + 1, value - 2)
      value = text:find("[^%s:]", value) or #text + 1
    end
    if key == step then
      return start, value
    end
    at = text:find("[^%s,]", skip_value(text, value))
    index = index + 1
  end
end

local function line_in_json(text, lines, first, steps)
  local at, line = 1, first
  for n = 1, first - 1 do
    at = at + #lines[n] + 1
  end
  local value = text:find("[{%[]", at)
  for _, step in ipairs(steps) do
    local start, inner
    if value and text:find(type(step) == "string" and "^{" or "^%[", value) then
      start, inner = find_member(text, value + 1, step)
    end
    if not start then
      break
    end
    line = line + select(2, text:sub(at, start):gsub("\n", ""))
    at, value = start, inner
  end
  return line
end

-- --- both -----------------------------------------------------------------------------------
local text, lines

--- The file that is looked at from here on.
function M.file(content)
  text, lines = content, nil
end

--- The line of a field in a document of the file, or of what is nearest around it.
--- @param first integer the document's first line
function M.of(first, path)
  lines = lines or split(text)
  if text:find("^%s*[{%[]") then
    return line_in_json(text, lines, first, steps_of(path))
  end
  return line_in_yaml(lines, first, steps_of(path))
end

return M
