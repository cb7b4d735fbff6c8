-- luacheck: read globals temp_folder
-- The guide, scripts/README.md, does what it says: its Lua blocks are files (```lua file=PATH), its sh
-- blocks (```sh, or ```sh exit=N) run one after the other in one shell, in an empty folder.
local here = debug.getinfo(1, "S").source:match("^@(.*/)")
local source = os.getenv("SS_SOURCE_DIR") or require("lfs").currentdir()
local cli = assert(loadfile(here .. "support/cli.lua", "t", _ENV))()

local function blocks(text)
  local list = {}
  for info, body in text:gmatch("\n```([^\n]+)\n(.-\n)```%f[\n]") do
    list[#list + 1] = { info = info, body = body }
  end
  return list
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- One script for all of them; each block says where it is before it runs.
local function script_of(text)
  local lines = {}
  local function add(...)
    lines[#lines + 1] = string.format(...)
  end
  for i, block in ipairs(blocks(text)) do
    local file, exit = block.info:match("^lua file=(%S+)$"), block.info:match("^sh exit=(%d)$")
    if file then
      add("mkdir -p %s; printf %%s %s >%s", quote(file:match("^(.*)/") or "."), quote(block.body), quote(file))
    else
      assert.is_true(block.info == "sh" or exit ~= nil, "the guide has a block '" .. block.info .. "'")
      add("echo '--- block %d' >&2", i)
      for command in block.body:gsub("\\\n", " "):gmatch("[^\n]+") do
        add("%s", command)
        add('code=$?; [ $code = %s ] || { echo "exit code $code: %s" >&2; exit 99; }', exit or "0",
          (command:gsub('[`"$\\]', "\\%0")))
      end
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

describe("the guide", function()
  it("does what it says", function()
    local place = cli.place(temp_folder())
    local text = assert(fs.read(source .. "/scripts/README.md"))
    assert.is_true(#blocks(text) > 15, "its blocks are found")
    place:write("guide.sh", script_of(text))
    local r = place:shell('mkdir bin work && ln -s "$SS" bin/sandscript && cd work && '
      .. 'PATH="$PWD/../bin:$PATH" exec sh ../guide.sh')
    assert.equal(0, r.code, r.out:sub(-2000) .. "\n" .. r.err)
    assert.matches("containers%[0%].image +registry.globex.example/aider:1 +overlay +%S+50%-globex.lua:4 ", r.out)
    assert.matches("aider +tenant globex +spec.podTemplate.spec.containers%[0%].image +%S+:1 +%S+:2 +new pod\n"
      .. "1 of 3 adapters change, 0 new, 0 gone\n$", r.out)
  end)
end)
