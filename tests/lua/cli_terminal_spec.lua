-- luacheck: read globals temp_folder
-- What a cluster holds is shown on a terminal, never obeyed by it (CVE-2021-25743).
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local HOSTILE = [["\e]0;title\a\e[31m\u009b31m\u202Ered"]]
local SHOWN = [[\x1b]0;title\x07\x1b[31m\u009b31m\u202ered]]

local EVENT = [[
apiVersion: v1
kind: Event
metadata: {name: e1, namespace: demo}
involvedObject: {kind: Pod, name: p, namespace: demo}
type: Warning
reason: Evil
message: ]] .. HOSTILE .. "\n"

describe("cli output", function()
  it("escapes what a table shows", function()
    local place = cli.place(temp_folder())
    place:write("base.yaml", cli.NAMESPACE)
    place:write("event.yaml", EVENT)
    cli.ok(place:run { "apply", "-f", "base.yaml", "-f", "event.yaml" })
    local r = cli.ok(place:run { "get", "events", "-A" })
    assert.matches(SHOWN, r.out, 1, true)
    assert.is_nil(r.out:find("[\27\7]"))
    assert.is_nil(r.out:find("\u{9b}", 1, true))
  end)

  it("escapes why something waits", function()
    local place = cli.place(temp_folder())
    place:write("base.yaml", cli.NAMESPACE)
    place:write("s1.yaml", cli.sandbox(place, "s1"))
    cli.ok(place:run { "apply", "-f", "base.yaml" })
    local r = place:run { "-e", ([[
      local progress = require "ss.cli.progress"
      progress.run("waiting", function(update)
        update("\27]0;title\7")
        task.sleep(1.2)
      end)]]) }
    assert.matches([[waiting: \x1b]0;title\x07]], r.err, 1, true)
  end)
end)
