describe("json", function()
  local function encoded(value, options)
    return json.encode(value, options)
  end

  it("writes one line with sorted keys", function()
    assert.equal('{"a":[1,2.5,true,null],"b":{"c":"x"}}',
      encoded { b = { c = "x" }, a = { 1, 2.5, true, json.null } })
  end)

  it("indents by two", function()
    assert.equal('{\n  "a": [\n    1\n  ]\n}', encoded({ a = { 1 } }, { indent = true }))
  end)

  it("keeps integers exact", function()
    assert.equal("9223372036854775807", encoded(math.maxinteger))
    assert.equal("-9223372036854775808", encoded(math.mininteger))
    assert.equal("integer", math.type(json.decode("9007199254740993")))
    assert.equal(9007199254740993, json.decode("9007199254740993"))
    assert.equal("2", encoded(2.0))
  end)

  it("tells [] from {}", function()
    assert.equal("{}", encoded {})
    assert.equal("[]", encoded(json.array {}))
    assert.equal("[]", encoded(json.array()))
    assert.equal('{"a":[],"b":{}}', encoded(json.decode('{"b":{},"a":[]}')))
    assert.equal('{"args":{},"items":{}}', encoded { args = {}, items = {} })
  end)

  it("keeps what was decoded, whatever its field is called", function()
    local text = '{"env":{},"ingress":{},"items":[],"metadata":{"finalizers":{},"labels":[]},"values":{}}'
    assert.equal(text, encoded(json.decode(text)))
    assert.equal(text, encoded(json.decode(encoded(yaml.decode(yaml.encode(json.decode(text)))))))
    local value = json.decode '{"a":{},"b":{}}'
    value.a.x = 1
    value.b[1] = "y"
    assert.equal('{"a":{"x":1},"b":["y"]}', encoded(value))
  end)

  it("takes a {} that a script wrote for a list only at the path of one in a built-in kind", function()
    local function object(version, kind, members)
      members.apiVersion, members.kind = version, kind
      return encoded(members)
    end
    local pod = { containers = { { name = "c", env = {}, resources = {}, securityContext = {} } }, volumes = {},
      nodeSelector = {}, securityContext = {} }
    local as_pod = '{"containers":[{"env":[],"name":"c","resources":{},"securityContext":{}}],"nodeSelector":{},'
      .. '"securityContext":{},"volumes":[]}'
    local as_objects = as_pod:gsub("%[%]", "{}")
    assert.equal('{"apiVersion":"v1","kind":"Pod","metadata":{"finalizers":[],"labels":{}},"spec":' .. as_pod .. "}",
      object("v1", "Pod", { metadata = { finalizers = {}, labels = {} }, spec = pod }))
    assert.equal('{"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":' .. as_pod .. "}}}",
      object("apps/v1", "Deployment", { spec = { template = { spec = pod } } }))
    assert.equal('{"apiVersion":"agents.x-k8s.io/v1beta1","kind":"Sandbox","spec":{"podTemplate":{"spec":' .. as_pod
      .. "}}}", object("agents.x-k8s.io/v1beta1", "Sandbox", { spec = { podTemplate = { spec = pod } } }))
    assert.equal('{"apiVersion":"example.com/v1","kind":"Pod","metadata":{"finalizers":[]},"spec":' .. as_objects
      .. "}", object("example.com/v1", "Pod", { metadata = { finalizers = {} }, spec = pod }))
    assert.equal('{"apiVersion":"v1","items":[{"apiVersion":"v1","kind":"ServiceAccount","secrets":[]},'
      .. '{"apiVersion":"x.io/v1","kind":"Thing","secrets":{}}],"kind":"List"}', object("v1", "List", { items = {
        { apiVersion = "v1", kind = "ServiceAccount", secrets = {} },
        { apiVersion = "x.io/v1", kind = "Thing", secrets = {} },
      } }))
    assert.equal('{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","spec":{"ingress":[{"from":[],'
      .. '"ports":[]}],"podSelector":{},"policyTypes":[]}}', object("networking.k8s.io/v1", "NetworkPolicy",
        { spec = { podSelector = {}, ingress = { { from = {}, ports = {} } }, policyTypes = {} } }))
    assert.equal('{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":{"items":{}}}',
      object("apiextensions.k8s.io/v1", "CustomResourceDefinition", { spec = { items = {} } }))
  end)

  it("keeps numbers that Lua has no type for, and NUL", function()
    for _, text in ipairs { "18446744073709551615", '{"a":[-9223372036854775809,1e999]}', '"a\\u0000b"' } do
      assert.equal(text, encoded(json.decode(text)))
    end
    local big = json.decode "18446744073709551616"
    assert.equal("18446744073709551616", tostring(big))
    assert.equal(big, json.decode "18446744073709551616")
    assert.not_equal(big, json.decode "18446744073709551617")
    assert.equal("n=18446744073709551616", "n=" .. big)
    assert.equal("a: 18446744073709551616\n", yaml.encode { a = big })
    assert.equal("18446744073709551616", tostring(yaml.decode("a: 18446744073709551616").a))
    assert.equal('a: "x\\0y"\n', yaml.encode { a = "x\0y" })
    assert.equal("x\0y", yaml.decode('a: "x\\0y"').a)
  end)

  it("has one null", function()
    assert.equal(json.null, json.decode("null"))
    assert.equal(json.null, json.decode('{"a":null}').a)
    assert.equal("[null]", encoded { json.null })
  end)

  for _, case in ipairs {
    { "a function", { a = { b = print } }, "a.b: a function has no JSON form" },
    { "a hole", { a = { 1, nil, 3 } }, "a: a list of 2 values has the key 3: there are holes in it" },
    { "NaN", { 0 / 0 }, "[1]: NaN has no JSON form" },
    { "mixed keys", { 1, x = 2 }, "keys of a list (1, 2 …) and of an object (texts) in one table" },
    { "text that is no UTF-8", { a = "\xff" }, "a: the text is not valid UTF-8" },
  } do
    it("raises for " .. case[1], function()
      local ok, message = pcall(function() return json.encode(case[2]) end)
      assert.is_false(ok)
      assert.equal("json.encode: " .. case[3], (message:gsub("^.-:%d+: ", "")))
      assert.truthy(message:find("json_spec.lua:%d+: "))
    end)
  end

  it("raises for a cycle", function()
    local t = {}
    t.a = { t }
    assert.has_error(function() json.encode(t) end)
  end)

  it("raises for an unknown option, with the likely one", function()
    local _, message = pcall(function() json.encode({}, { ident = true }) end)
    assert.truthy(message:find("unknown option 'ident': did you mean 'indent'?", 1, true))
  end)

  it("does not run metamethods", function()
    local t = setmetatable({ a = 1 }, { __index = error, __pairs = error, __len = error })
    assert.equal('{"a":1}', encoded(t))
  end)

  it("returns nil and where the text is wrong", function()
    local value, err = json.decode('{"a":\n 1,}')
    assert.is_nil(value)
    assert.equal("parse", err.code)
    assert.truthy(err.message:find("line 2", 1, true))
    assert.is_nil(json.decode(""))
    assert.is_nil(json.decode('{"a":1,"a":2}'))
  end)

  it("protects its marks", function()
    assert.has_error(function() setmetatable(json.array {}, {}) end)
    assert.equal("json.array", getmetatable(json.array {}))
    assert.has_error(function() json.array(setmetatable({}, {})) end)
    assert.has_error(function() json.array("x") end)
  end)

  it("shares null with cjson", function()
    local cjson = require "cjson"
    assert.equal(json.null, cjson.null)
    assert.equal('{"a":null}', json.encode(cjson.decode('{"a":null}')))
    assert.equal("[1]", cjson.encode { 1 })
  end)
end)
