describe("log", function()
  it("has four levels, which return nothing", function()
    for _, level in ipairs { "debug", "info", "warn", "error" } do
      assert.is_function(log[level])
    end
    assert.equal(0, select("#", log.debug("nothing to see", { a = 1, b = { "x" } })))
  end)

  it("raises for wrong types", function()
    assert.has_error(function() log.error() end)
    assert.has_error(function() log.error("x", 1) end)
    assert.has_error(function() log.error("x", { print }) end)
    assert.has_error(function() log.error("x", { 1, 2 }) end)
  end)
end)
