-- sandscript run apply.lua MANIFEST PREFIX COUNT WIDTH: COUNT server-side applies
-- of the manifest under new names, WIDTH of them in flight.
local manifest = json.decode(assert(fs.read(arg[1])))
local prefix, count, width = arg[2], tonumber(arg[3]), tonumber(arg[4])

local function named(i)
  local object = {}
  for key, value in pairs(manifest) do
    object[key] = value
  end
  object.metadata = {}
  for key, value in pairs(manifest.metadata) do
    object.metadata[key] = value
  end
  object.metadata.name = prefix .. "-" .. i
  return object
end

local numbers = {}
for i = 1, count do
  numbers[i] = i - 1
end
task.map(numbers, function(i)
  assert(k8s.apply(named(i)))
end, { width = width })
