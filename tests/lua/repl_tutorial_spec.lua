-- luacheck: read globals temp_folder
-- The tour, step by step, and its end.
describe("tutorial()", function()
  local repl = assert(loadfile("tests/lua/support/repl.lua"))()
  local native = require "ss.native"
  local p

  setup(function()
    repl.cluster(temp_folder())
  end)

  before_each(function()
    p = repl.new()
  end)

  after_each(function()
    p:close()
    rawset(_G, "m", nil)
  end)

  -- The line that the last step says to type.
  local function next_line(text)
    return text:match(".*\n    ([^\n]+)\n")
  end

  it("goes through by the lines it says, and leaves as it came", function()
    rawset(_G, "m", "mine")
    local before = native.request()
    local text = p:run "tutorial()"
    assert.matches("step 1 of 8", text)
    assert.equal("tutorial/tutorial> ", p.session:prompt())
    for step = 2, 8 do
      text = p:run(next_line(text))
      assert.matches(("step %d of 8"):format(step), text, 1, true)
    end
    text = p:run(next_line(text))
    assert.matches("That was the tour", text)
    assert.equal("embedded/default> ", p.session:prompt())
    assert.same(before, native.request())
    assert.equal("mine", rawget(_G, "m"))
    assert.is_nil((k8s.get { kind = "Namespace", name = "tutorial" }))
  end)

  it("waits for the step to be done", function()
    p:run "tutorial()"
    assert.not_matches("step", (p:run "1 + 1"))
    assert.not_matches("step", (p:run "nothing.x"))
    assert.matches("step 2", (p:run "policy.list()"))
    assert.matches("step 3", (p:run 'tutorial("next")'))
    assert.matches("step 3", (p:run "tutorial()"))
    assert.matches("left the tutorial", (p:run 'tutorial("stop")'))
    assert.equal("embedded/default> ", p.session:prompt())
    assert.matches("no tutorial is running", (p:run 'tutorial("stop")'))
  end)

  it("ends with the session", function()
    local before = native.request()
    p:run "tutorial()"
    p:close()
    assert.same(before, native.request())
    p = repl.new()
  end)

  it("saves nothing of it", function()
    p:run "tutorial()"
    p:run "policy.list()"
    p:run 'tutorial("stop")'
    assert.matches("nothing to save", (p:run(":save " .. temp_folder() .. "/s.lua")))
  end)
end)
