describe("string.gmatch", function()
  it("is the stock one", function()
    local words = {}
    for word, at in ("a bc"):gmatch "(%a+)()" do
      words[#words + 1] = word .. at
    end
    assert.same({ "a2", "bc5" }, words)
    assert.same({ "c" }, { ("abc"):gmatch("%a", 3)() })
    assert.has_error(function() string.gmatch("x") end)
  end)

  -- The iterator of Lua 5.4 loses count of its depth when it raises; run again, it overflows the C stack.
  it("survives an iterator that is used again after it failed", function()
    local next_match = ("a"):rep(400000):gmatch(("a?"):rep(400000) .. "b")
    local ok, message = pcall(function()
      return next_match()
    end)
    assert.is_false(ok)
    assert.matches("^[^\n]*string_spec.lua:%d+: pattern too complex$", message)
    assert.has_error(next_match, "this iterator of string.gmatch failed before")
  end)
end)
