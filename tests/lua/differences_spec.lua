-- What differs between two values, as goldens, diffs and assertions tell it.
describe("differences", function()
  local diff = require("ss.spec.diff")

  local function shown(value)
    return value == nil and "null" or json.encode(value)
  end

  local function changes(a, b, options)
    local list = {}
    for i, change in ipairs(diff.changes(a, b, options)) do
      list[i] = ("%s: %s -> %s"):format(change.path, shown(change.from), shown(change.to))
    end
    return list
  end

  it("are none between equal values, whatever tables they are", function()
    assert.same({}, changes({ a = { 1, { b = 2 } } }, { a = { 1, { b = 2 } } }))
    assert.equal("", diff.lines({ 1, { x = 1 } }, { 1, { x = 1 } }))
  end)

  it("of a list's item are in that item, counted from where the list begins", function()
    assert.same({ '[2].b: 2 -> 3' }, changes({ { a = 1 }, { b = 2 } }, { { a = 1 }, { b = 3 } }))
    assert.same({ 'l[1].b: 2 -> 3' }, changes({ { a = 1 }, { b = 2 } }, { { a = 1 }, { b = 3 } },
      { name = "l", first = 0 }))
  end)

  it("of one item more or less, wherever it is, are one", function()
    local a, b, c = { n = "a", x = 1 }, { n = "b" }, { n = "c", x = { 1, 2 } }
    assert.same({ '[2]: null -> {"n":"b"}' }, changes({ a, c }, { a, b, c }))
    assert.same({ '[2]: {"n":"b"} -> null' }, changes({ a, b, c }, { a, c }))
    assert.same({ '[1]: null -> {"n":"b"}' }, changes({ a, c }, { b, a, c }))
    assert.same({ '[3]: null -> {"n":"b"}' }, changes({ a, c }, { a, c, b }))
    -- Other tables that hold the same are the same items.
    assert.same({ '[2]: null -> {"n":"b"}' },
      changes({ { n = "a", x = 1 }, { n = "c", x = { 1, 2 } } }, { a, b, c }))
  end)

  it("of an item with one field more, or less, are told", function()
    assert.same({ '[1].x: null -> 1' }, changes({ { n = "a" } }, { { n = "a", x = 1 } }))
    assert.same({ '[1].x: 1 -> null' }, changes({ { n = "a", x = 1 } }, { { n = "a" } }))
  end)

  it("are told by value, missing and not expected", function()
    assert.equal('  o.a: expected 1, got 2\n  o.b: expected "x", is missing\n  o.c: not expected, is true',
      diff.lines({ a = 1, b = "x" }, { a = 2, c = true }, { name = "o" }))
    assert.equal("  the value: expected 1, got 2", diff.lines(1, 2))
  end)

  it("end, for values that hold themselves", function()
    local a, b = { 1 }, { 1 }
    a[2], b[2] = a, b
    assert.same({}, diff.changes(a, b))
    local x, y = { name = 1 }, { name = 2 }
    x.me, y.me = x, y
    assert.equal(1, #diff.changes(x, y))
  end)

  it("are twenty lines at most, and how many more", function()
    local a, b = {}, {}
    for i = 1, 25 do
      a["k" .. i], b["k" .. i] = i, -i
    end
    local _, breaks = diff.lines(a, b):gsub("\n", "")
    assert.equal(20, breaks)
    assert.matches("\n  … and 5 more$", diff.lines(a, b))
    for i = 21, 25 do
      b["k" .. i] = i
    end
    assert.not_matches("more", diff.lines(a, b))
  end)
end)
