describe("yaml", function()
  it("writes block style", function()
    assert.equal("a:\n- 1\n- x\nb:\n  c: true\n", yaml.encode { b = { c = true }, a = { 1, "x" } })
  end)

  it("quotes what another reader would take for something else", function()
    for _, text in ipairs { "yes", "no", "on", "null", "1", "0x1", "1e3", "~", "", "a: b", "- x", "#x" } do
      assert.equal(text, yaml.decode(yaml.encode { v = text }).v)
      assert.equal("string", type(yaml.decode(yaml.encode { v = text }).v))
    end
  end)

  it("reads what kubectl reads", function()
    assert.same({ a = 1, b = true, c = "x", d = json.null, e = { 1, 2 } },
      yaml.decode("a: 1\nb: true\nc: x\nd: null\ne: [1, 2]\n"))
  end)

  it("keeps the kinds of empty containers and integers", function()
    assert.equal('{"a":[],"b":{},"c":9007199254740993}',
      json.encode(yaml.decode("a: []\nb: {}\nc: 9007199254740993\n")))
  end)

  it("reads every document of a stream", function()
    assert.same({ { a = 1 }, { b = 2 } }, yaml.decode_all("a: 1\n---\n---\nb: 2\n"))
    assert.equal("[]", json.encode(yaml.decode_all("")))
    assert.equal("[]", json.encode(yaml.decode_all("---\n---\n")))
  end)

  it("returns nil and where the text is wrong", function()
    for _, text in ipairs { "a: [1", "a: 1\na: 2", "a: 1\n---\nb: 2", "\tx: 1" } do
      local value, err = yaml.decode(text)
      assert.is_nil(value)
      assert.equal("parse", err.code)
    end
    local value, err = yaml.decode_all("a: 1\n---\nb: [")
    assert.is_nil(value)
    assert.equal("parse", err.code)
    assert.truthy(err.message:find("line 4", 1, true) or err.message:find("line 3", 1, true))
  end)

  it("raises for what has no form", function()
    assert.has_error(function() yaml.encode { a = print } end)
    assert.has_error(function() yaml.decode(nil) end)
  end)
end)
