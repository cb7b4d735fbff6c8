-- luacheck: read globals temp_folder
-- The script of the README runs as it stands there, on a cluster in which there is nothing yet.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local SOURCE = assert(os.getenv "SS_SOURCE_DIR")

describe("the README", function()
  local text = assert(fs.read(SOURCE .. "/README.md"))

  it("has a script that runs verbatim", function()
    local script = assert(text:match("A script is straight%-line code:\n\n```lua\n(.-)```"))
    local place = cli.place(temp_folder())
    place:write("s.lua", script)
    local out = cli.ok(place:run { "--cluster", "embedded:c.db", "--policy", SOURCE .. "/scripts", "run", "s.lua" }).out
    assert.matches("^s1\t%d+%.%d+%.%d+%.%d+\n$", out)
    cli.fails(place:run { "--cluster", "embedded:c.db", "get", "sandbox", "s1", "-n", "demo" }, 1, "not found")
  end)

  it("has an adapter that loads", function()
    local adapter = assert(text:match("An adapter is one file.-\n\n```lua\n(.-)```"))
    local place = cli.place(temp_folder())
    place:write("policy/adapters/claude_local.lua", adapter)
    cli.ok(place:run { "check", "policy" })
  end)
end)
