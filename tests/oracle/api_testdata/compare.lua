-- compare.lua FOLDER: as Lua tables both forms are one value, and a script writes it as Kubernetes does.
local folder, n = arg[1], 0

local function read(path)
  return assert(fs.read(folder .. "/" .. path))
end

for _, file in ipairs(assert(fs.list(folder))) do
  local name = file:match("^(.*)%.json$")
  if name then
    local object = assert(json.decode(read(file)))
    local text = read(name .. ".yaml")
    assert(yaml.encode(object) == text, name .. ": is not the same YAML")
    assert(json.encode(assert(yaml.decode(text))) == json.encode(object), name .. ": is another value")
    n = n + 1
  end
end
assert(n > 100, "there are no objects in " .. folder)
print(n .. " objects as Lua tables")
