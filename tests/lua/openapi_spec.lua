-- The kinds of a server, read from its OpenAPI (ss.openapi): what check holds manifests against.
local openapi = require("ss.openapi")

local QUANTITY = { oneOf = { { type = "string" }, { type = "number" } } }
local INT_OR_STRING = { format = "int-or-string", oneOf = { { type = "integer" }, { type = "string" } } }

local function ref(name)
  return { ["$ref"] = "#/components/schemas/" .. name }
end

local function tables(schemas)
  return openapi.tables { components = { schemas = schemas } }
end

describe("a server's OpenAPI", function()
  it("says which kinds there are, and their fields", function()
    local kinds, types = tables {
      ["io.k8s.api.core.v1.Thing"] = {
        type = "object",
        ["x-kubernetes-group-version-kind"] = { { group = "", version = "v1", kind = "Thing" } },
        properties = {
          apiVersion = { type = "string" }, metadata = { default = {}, allOf = { ref "Meta" } }, spec = ref "Spec",
        },
      },
      Meta = { type = "object", properties = {
        labels = { type = "object", additionalProperties = { type = "string" } },
      } },
      Spec = { type = "object", properties = {
        replicas = { type = "integer" }, paused = { type = "boolean" }, ratio = { type = "number" },
        cpu = { default = {}, allOf = { ref "Quantity" } }, port = ref "IntOrString", at = ref "Time", raw = ref "Raw",
        items = { type = "array", items = { allOf = { ref "Meta" } } }, times = { type = "array", items = ref "Time" },
        limits = { type = "object", additionalProperties = ref "Quantity" },
      } },
      Quantity = QUANTITY, IntOrString = INT_OR_STRING,
      Time = { type = "string", format = "date-time" }, Raw = { type = "object" },
    }
    assert.same({ ["v1 Thing"] = "io.k8s.api.core.v1.Thing" }, kinds)
    assert.same({ apiVersion = "", metadata = "Meta", spec = "Spec" }, types["io.k8s.api.core.v1.Thing"])
    assert.same({ labels = "{" }, types.Meta)
    assert.same({ replicas = "i", paused = "b", ratio = "q", cpu = "q", port = "p", at = "", raw = "*",
      items = "[Meta", times = "[", limits = "{q" }, types.Spec)
  end)

  it("describes custom resources, whose objects have no names", function()
    local kinds, types = tables {
      ["org.example.v1.Foo"] = {
        type = "object",
        ["x-kubernetes-group-version-kind"] = { { group = "example.org", version = "v1", kind = "Foo" } },
        properties = { spec = { type = "object", properties = {
          size = { ["x-kubernetes-int-or-string"] = true, anyOf = { { type = "integer" }, { type = "string" } } },
          free = { type = "object", ["x-kubernetes-preserve-unknown-fields"] = true, properties = { a = {} } },
          list = { type = "array", items = { type = "object", properties = { name = { type = "string" } } } },
          any = {},
        } } },
      },
    }
    local foo = types[kinds["example.org/v1 Foo"]]
    local spec = types[foo.spec]
    assert.same({ "*", "q", "*" }, { spec.free, spec.size, spec.any })
    assert.same({ name = "" }, types[spec.list:match("^%[(.*)$")])
  end)
end)

describe("check with a server", function()
  local native, check = require("ss.native"), require("ss.manifest_check")
  local asked, real

  setup(function()
    asked, real = {}, native.openapi
    native.openapi = function(path)
      asked[#asked + 1] = path
      if path == "/openapi/v3" then
        return { paths = {
          ["apis/example.org/v1"] = { serverRelativeURL = "/openapi/v3/apis/example.org/v1?hash=1" },
          ["api/v1"] = { serverRelativeURL = "/openapi/v3/api/v1?hash=2" },
        } }
      end
      local group, kind = path:match("example.org") or "", path:find("example.org") and "Foo" or "ConfigMap"
      return { components = { schemas = { Kind = {
        type = "object",
        properties = { apiVersion = { type = "string" }, kind = { type = "string" }, size = { type = "integer" } },
        ["x-kubernetes-group-version-kind"] = { { group = group, version = "v1", kind = kind } },
      } } } }
    end
  end)

  teardown(function()
    native.openapi = real
  end)

  local function messages(object)
    local list = {}
    for i, finding in ipairs(check.findings(object)) do
      list[i] = finding.message
    end
    table.sort(list)
    return list
  end

  it("asks it for each version once, and goes by what it says", function()
    local foo = { apiVersion = "example.org/v1", kind = "Foo", siez = 1, status = { any = 1 } }
    assert.same({}, messages(foo))
    check.ask_server()
    assert.same({ "unknown field 'siez': did you mean 'size'?" }, messages(foo))
    assert.same({ "must be an integer, not text" },
      messages { apiVersion = "example.org/v1", kind = "Foo", size = "1" })
    assert.same({ "/openapi/v3", "/openapi/v3/apis/example.org/v1?hash=1" }, asked)
    assert.same({ "unknown field 'data'" }, messages { apiVersion = "v1", kind = "ConfigMap", data = { a = "b" } })
    assert.same({}, messages { apiVersion = "nowhere.example/v1", kind = "Foo", siez = 1 })
    assert.same({ "unknown field 'specc': did you mean 'spec'?" },
      messages { apiVersion = "apps/v1", kind = "Deployment", specc = 1 })
    assert.equal(3, #asked)
  end)
end)
