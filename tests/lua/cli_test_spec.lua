-- luacheck: read globals temp_folder
-- `sandscript test`: goldens of a policy folder, and what any change of an adapter does to them.
local here = debug.getinfo(1, "S").source:match("^@(.*/)")
local source = os.getenv("SS_SOURCE_DIR") or require("lfs").currentdir()
local cli = assert(loadfile(here .. "support/cli.lua", "t", _ENV))()

local ADAPTER = [[
return adapter {
  name = "%s",
  image = "registry.example/%s:1",
  resources = { limits = { cpu = "1", memory = "1Gi" }, requests = { cpu = "1", memory = "1Gi" } },
}
]]
local REQUEST = [[
return { namespace = "demo", sandboxName = "s1", envSecretName = "e", serviceAccountName = "agent" }
]]

local place

local function put_adapter(name, change)
  local text = ADAPTER:gsub("%%s", name)
  place:write("policy/adapters/" .. name .. ".lua", change and change(text) or text)
end

local function put_case(name, case)
  place:write(("policy/testdata/%s/%s.in.lua"):format(name, case or "small"), REQUEST)
end

local function test(...)
  return place:run { "test", "policy", ... }
end

describe("test", function()
  before_each(function()
    place = cli.place(temp_folder())
    put_adapter("one")
    put_case("one")
  end)

  it("fails for a golden that is missing, and --update writes it", function()
    local r = test()
    assert.equal(1, r.code)
    assert.matches("small.golden.yaml is missing: write it with sandscript test --update", r.out, 1, true)
    r = cli.ok(test("--update"))
    assert.matches("updated policy/testdata/one/small.golden.yaml\n  new\n1 passed", r.out, 1, true)
    local docs = assert(yaml.decode_all(place:read("policy/testdata/one/small.golden.yaml")))
    assert.equal("one", docs[1].name)
    assert.equal("registry.example/one:1", docs[1].image)
    assert.is_nil(docs[1].sha256)
    assert.is_nil(docs[1].file)
    assert.equal("Sandbox", docs[2].kind)
    assert.equal("registry.example/one:1", docs[2].spec.podTemplate.spec.containers[1].image)
    assert.matches("^1 passed, 0 failed", cli.ok(test()).out)
  end)

  it("names the fields that differ, and --update shows them", function()
    cli.ok(test("--update"))
    put_adapter("one", function(text)
      return (text:gsub('one:1', 'one:2'))
    end)
    local r = test()
    assert.equal(1, r.code)
    local differs = 'adapter.image: expected "registry.example/one:1", got "registry.example/one:2"\n'
    assert.matches(differs, r.out, 1, true)
    assert.matches("manifest.spec.podTemplate.spec.containers[0].image: expected", r.out, 1, true)
    assert.matches(differs, cli.ok(test("--update")).out, 1, true)
    assert.matches("^1 passed", cli.ok(test("--update")).out)
  end)

  it("does not mind another order or comments in a golden", function()
    cli.ok(test("--update"))
    local path = "policy/testdata/one/small.golden.yaml"
    local docs = assert(yaml.decode_all(place:read(path)))
    place:write(path, "# mine\n" .. json.encode(docs[1]) .. "\n---\n" .. yaml.encode(docs[2]) .. "# end\n")
    assert.matches("^1 passed", cli.ok(test()).out)
  end)

  it("says what is wrong with a golden that is none", function()
    place:write("policy/testdata/one/small.golden.yaml", "a: 1\n")
    assert.matches("it holds 1 documents instead of two", test().out, 1, true)
    place:write("policy/testdata/one/small.golden.yaml", "a: [1\n")
    assert.matches("small.golden.yaml differs:\n      it cannot be read: .*line 2", test().out)
  end)

  it("fails for a golden without a request, and an adapter without a case", function()
    cli.ok(test("--update"))
    assert(os.remove(place.dir .. "/policy/testdata/one/small.in.lua"))
    local r = test()
    assert.equal(1, r.code)
    assert.matches("nothing makes it: policy/testdata/one/small.in.lua is missing", r.out, 1, true)
    assert.matches("golden one has a case\n    no case shows what it makes: write a request to "
      .. "policy/testdata/one/minimal.in.lua", r.out, 1, true)
  end)

  it("fails for an adapter that does not load", function()
    cli.ok(test("--update"))
    put_adapter("two", function(text)
      return (text:gsub("image", "imag"))
    end)
    local r = test()
    assert.equal(1, r.code)
    assert.matches("golden two loads", r.out, 1, true)
    assert.matches("two.lua:3: .*did you mean 'image'", r.out)
    assert.matches("1 passed, 1 failed", r.out, 1, true)
  end)

  it("says what is wrong with a request", function()
    local path = "policy/testdata/one/small.in.lua"
    place:write(path, "return {\n  a = = 1 }")
    assert.matches("small.in.lua:2: unexpected symbol", test().out, 1, true)
    place:write(path, "\nerror('no luck')")
    assert.matches("small.in.lua:2: no luck", test().out, 1, true)
    place:write(path, "return {\n  tenant = acme }")
    assert.matches("small.in.lua:2: unknown global 'acme'", test().out, 1, true)
    place:write(path, "return 1")
    assert.matches("must return the request, a table", test().out, 1, true)
    place:write(path, "return { sandboxName = 's1' }")
    assert.matches("namespace: required field is missing", test().out, 1, true)
    place:write("policy/testdata/loose.in.lua", REQUEST)
    assert.matches("a case is a file testdata/ADAPTER/CASE.in.lua", test().out, 1, true)
  end)

  it("takes the policy that a path lies in, unless --policy names another", function()
    cli.ok(test("--update"))
    put_adapter("two")
    put_case("two")
    put_case("two", "other")
    local r = place:run { "test", "policy/testdata/two", "--update", "--run", "small" }
    assert.matches("^updated policy/testdata/two/small.golden.yaml\n  new\n1 passed", cli.ok(r).out)
    r = place:run { "test", "policy/testdata/one/small.in.lua" }
    assert.matches("^1 passed", cli.ok(r).out)
    place:write("else/adapters/one.lua", (ADAPTER:gsub("%%s", "one"):gsub(":1", ":3")))
    r = place:run { "test", "--policy", "else", "policy/testdata/one" }
    assert.equal(1, r.code)
    assert.matches('got "registry.example/one:3"', r.out, 1, true)
    cli.fails(place:run { "test", "policy", "else" }, 2, "paths of two policy folders")
  end)

  it("runs specs beside the goldens, under one pattern", function()
    cli.ok(test("--update"))
    place:write("policy/testdata/one_spec.lua", "describe('one', function()\n  it('builds', function()\n"
      .. "    assert.is_table(policy.build('one', { namespace = 'demo', sandboxName = 's', envSecretName = 'e',\n"
      .. "      serviceAccountName = 'agent' }))\n  end)\nend)\n")
    assert.matches("^2 passed, 0 failed", cli.ok(test()).out)
    assert.matches("ok 1 - golden one small\n", cli.ok(test("-o", "tap", "--run", "^golden")).out, 1, true)
    assert.matches("1..1\nok 1 - one builds\n", cli.ok(test("-o", "tap", "--run", "builds")).out, 1, true)
    cli.fails(test("--run", "nothing"), 1, "no test matches 'nothing'")
  end)

  it("leaves a policy folder inside of it alone, and says so", function()
    cli.ok(test("--update"))
    place:write("policy/examples/site/adapters/two.lua", (ADAPTER:gsub("%%s", "two")))
    place:write("policy/examples/site/testdata/two/small.in.lua", REQUEST)
    local r = cli.ok(test())
    assert.matches("^1 passed, 0 failed", r.out)
    assert.equal("test: not included: policy/examples/site is a policy folder of its own\n", r.err)
    assert.matches("two/small.golden.yaml is missing", place:run({ "test", "policy/examples/site" }).out, 1, true)
  end)

  it("tests the tenant of a request", function()
    place:write("policy/local.d/acme.lua",
      'return overlay { adapter = "one", tenant = "acme", image = "registry.example/acme:1" }\n')
    place:write("policy/testdata/one/acme.in.lua", (REQUEST:gsub("{", '{ tenant = "acme",')))
    cli.ok(test("--update"))
    local golden = assert(yaml.decode_all(place:read("policy/testdata/one/acme.golden.yaml")))
    assert.equal("registry.example/acme:1", golden[1].image)
    assert.equal("registry.example/acme:1", golden[2].spec.podTemplate.spec.containers[1].image)
    golden = assert(yaml.decode_all(place:read("policy/testdata/one/small.golden.yaml")))
    assert.equal("registry.example/one:1", golden[1].image)
  end)

  it("reports in each format", function()
    cli.ok(test("--update"))
    put_case("one", "more")
    local r = json.decode(test("-o", "json").out)
    assert.equal(1, r.failed)
    assert.equal("golden one more", r.specs[1].name)
    assert.matches("is missing", r.specs[1].message, 1, true)
    assert.matches("not ok 1 - golden one more\n", test("-o", "tap").out, 1, true)
    assert.matches('<testcase classname="policy/testdata/one/more.in.lua" name="golden one more"',
      test("-o", "junit").out, 1, true)
    r = json.decode(cli.ok(test("-o", "json", "--update")).out)
    assert.equal("policy/testdata/one/more.golden.yaml", r.updated[1].file)
  end)
end)

local function other_string(value)
  local first = value:match("^[%a%d]")
  if not first then
    return value .. "x"
  end
  return (first == "9" and "8" or first == "z" and "y" or string.char(first:byte() + 1)) .. value:sub(2)
end

-- Every string and number of an adapter's file: the field it belongs to, and the text with another value.
local function literals(text)
  local found, field = {}, nil
  local function add(from, value, other)
    found[#found + 1] = {
      field = field,
      value = value,
      text = text:sub(1, from - 1) .. other .. text:sub(from + #value),
    }
  end
  for at, line in text:gmatch("()([^\n]*)\n") do
    local code = line:gsub("%-%-.*", "")
    field = code:match("^  ([%a_]+) = ") or field
    for from, value in code:gmatch('"()([^"]*)"') do
      add(at + from - 1, value, other_string(value))
    end
    code = code:gsub('"[^"]*"', function(string)
      return (" "):rep(#string)
    end)
    for from, value in code:gmatch("%f[%w]()(%d+)") do
      add(at + from - 1, value, value .. "1")
    end
  end
  return found
end

describe("the shipped scripts", function()
  it("are tested in two seconds, without a cluster", function()
    place = cli.place(temp_folder())
    local r = cli.ok(place:run { "test", source .. "/scripts", "-o", "json", env = { KUBECONFIG = "/nowhere" } })
    local run = json.decode(r.out)
    assert.is_true(run.passed >= 13, run.passed)
    assert.is_true(run.seconds < 2, run.seconds)
  end)
end)

describe("a change of any one value of a shipped adapter", function()
  for _, file in ipairs(assert(fs.list(source .. "/scripts/adapters"))) do
    it("shows in " .. file, function()
      place = cli.place(temp_folder())
      cli.ok(place:shell('cp -r "$SCRIPTS" scripts', { SCRIPTS = source .. "/scripts" }))
      local name = file:gsub("%.lua$", "")
      local run = { "test", "scripts", "--run", "^golden " .. name }
      cli.ok(place:run(run))
      local text = place:read("scripts/adapters/" .. file)
      local all = literals(text)
      assert.is_true(#all > 10, #all)
      for _, change in ipairs(all) do
        place:write("scripts/adapters/" .. file, change.text)
        local r = place:run(run)
        local what = ("%s: another %s: %s\n%s"):format(file, change.field, change.value, r.out)
        assert.equal(1, r.code, what)
        assert.matches(change.field == "name" and "name" or "adapter." .. change.field, r.out, 1, true, what)
      end
    end)
  end
end)

-- Which tenants' goldens an overlay is seen in is the example's matter: that one sees it is ours.
describe("a change of any one value of an overlay", function()
  for _, file in ipairs(assert(fs.list(source .. "/scripts/examples/tenants/local.d"))) do
    it("shows in the example: " .. file, function()
      place = cli.place(temp_folder())
      cli.ok(place:shell('cp -r "$EXAMPLE" tenants', { EXAMPLE = source .. "/scripts/examples/tenants" }))
      local path = "tenants/local.d/" .. file
      local text = place:read(path)
      local all = literals(text)
      assert.is_true(#all > 2, #all)
      for _, change in ipairs(all) do
        place:write(path, change.text)
        local r = place:run { "test", "tenants", "--run", "^golden" }
        local what = ("%s: another %s: %s\n%s"):format(file, change.field, change.value, r.out)
        assert.equal(1, r.code, what)
        local whose = change.field == "adapter" or change.field == "tenant"
        assert.matches(whose and "golden" or change.field, r.out, 1, true, what)
      end
    end)
  end
end)
