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
