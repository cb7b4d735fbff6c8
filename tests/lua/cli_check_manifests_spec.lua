-- luacheck: read globals temp_folder
-- `sandscript check` of manifests, field by field: names and types of the kinds it knows, on their lines.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local place

local function check(name, text)
  place:write(name, text)
  local r = place:run { "check", name }
  assert.equal(r.out == "" and 0 or 1, r.code)
  return (r.out:gsub("(%f[^%z\n]).-:", "%1"))
end

before_each(function()
  place = cli.place(temp_folder())
end)

describe("a field that the kind does not have", function()
  it("is found with its line and the one that is meant", function()
    assert.equal("4: dta: unknown field 'dta': did you mean 'data'?\n",
      check("m.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndta: {a: b}\n"))
    assert.equal("6: spec.replicsa: unknown field 'replicsa': did you mean 'replicas'?\n", check("d.yaml", [[
apiVersion: apps/v1
kind: Deployment
metadata:
  name: d
spec:
  replicsa: 3
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: a
        image: x.example/a:1
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
]]))
  end)

  it("is not looked for in the items of what is no List", function()
    assert.equal("", check("s.yaml", [[
apiVersion: example.com/v1
kind: Basket
metadata: {name: a}
items: [{apiVersion: v1, kind: Service, metadata: {lables: {a: b}}}]
---
apiVersion: example.com/v1
kind: PriceList
metadata: {name: a}
items: {first: 1}
]]))
  end)

  it("is found in items of lists, in every document, and in Lists", function()
    assert.equal("9: spec.ports[1].prot: unknown field 'prot': did you mean 'port'?\n"
      .. "15: metadata.lables: unknown field 'lables': did you mean 'labels'?\n", check("s.yaml", [[
apiVersion: v1
kind: Service
metadata: {name: a}
spec:
  ports:
  - port: 80
    name: prot
  - name: b
    prot: 81
---
# another
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  lables: {a: b}
]]))
    local list = { apiVersion = "v1", kind = "List", items = {
      { apiVersion = "v1", kind = "Secret", metadata = { name = "a" }, stringdata = {} },
      { apiVersion = "agents.x-k8s.io/v1beta1", kind = "SandboxTemplate" },
    } }
    assert.equal("1: items[0].stringdata: unknown field 'stringdata': did you mean 'stringData'?\n",
      check("l.json", json.encode(list)))
  end)

  it("is found on its line of JSON, too", function()
    assert.equal("8: items[0].dta: unknown field 'dta': did you mean 'data'?\n"
      .. "16: items[1].spec.ports[1].prot: unknown field 'prot': did you mean 'port'?\n"
      .. "23: dta: unknown field 'dta': did you mean 'data'?\n", check("l.json", [=[
{
  "apiVersion": "v1", "kind": "List",
  "items": [
    {
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": {"name": "dta: \" } ]", "labels": {"dta": "y"}, "annotations": {}},
      "data": {"a": "{[", "b": "\\", "c": ""},
      "dta": {}
    },
    {
      "apiVersion": "v1", "kind": "Service",
      "spec": {
        "ports": [
          {"port": 1, "targetPort": -1},
          {"port": 80,
           "prot": [{}, []]}
        ]
      }
    }
  ]
}
{"apiVersion": "v1", "kind": "ConfigMap",
 "dta": 1}
]=]))
  end)

  it("is found in sandboxes", function()
    local text = cli.sandbox(place, "s1"):gsub("\nspec:", "\nspec:\n  podTemplte: {}")
    assert.matches("%d+: spec.podTemplte: unknown field 'podTemplte': did you mean 'podTemplate'%?\n$",
      check("s.yaml", text))
  end)
end)

describe("a value of another type", function()
  it("is found", function()
    assert.equal("3: metadata: must be a map, not text\n7: data.port: must be text, not a number: write it in quotes\n"
      .. "8: data.flag: must be text, not true or false: write it in quotes\n", check("m.yaml", [[
apiVersion: v1
kind: ConfigMap
metadata: name

data:
  name: "80"
  port: 80
  flag: true
]]))
    assert.equal("5: spec.ports: must be a list, not a map\n6: spec.sessionAffinityConfig.clientIP.timeoutSeconds: "
      .. "must be an integer, not text\n", check("s.yaml", [[
apiVersion: v1
kind: Service
metadata: {name: a}
spec:
  ports: {}
  sessionAffinityConfig: {clientIP: {timeoutSeconds: "5"}}
]]))
  end)

  it("is told once where the guard says it, too", function()
    local out = check("p.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostNetwork: 'no'\n")
    assert.matches("5: spec.hostNetwork: must be a boolean", out, 1, true)
    local _, n = out:gsub("hostNetwork: must", "")
    assert.equal(1, n, out)
  end)
end)

describe("an object that a script writes", function()
  it("is looked at as far as it is literal, line by line", function()
    assert.equal("4: k8s.apply: metadata.lables: unknown field 'lables': did you mean 'labels'?\n"
      .. "8: k8s.apply: spec.template.spec.containers[0].env[1].vlaue: unknown field 'vlaue': did you mean 'value'?\n"
      .. "9: k8s.apply: spec.template.spec.containers[0].args: must be a list, not text\n"
      .. "14: k8s.create: dta: unknown field 'dta': did you mean 'data'?\n", check("s.lua", [[
assert(k8s.apply({
  apiVersion = "apps/v1",
  kind = "Deployment",
  metadata = { name = "x", lables = { app = "x" } },
  spec = { template = { spec = { containers = {
    { name = "a",
      env = { { name = "A", value = "x" },
              { name = "B", vlaue = "x" } },
      args = "x" },
  } } } },
}))
assert(k8s.create {
  apiVersion = "v1", kind = "ConfigMap",
  dta = {
    a = "b",
  },
})
]]))
    assert.matches("2: k8s.apply: data.a: must be text, not a number", check("l.lua", [[
assert(k8s.apply { { apiVersion = "v1", kind = "Namespace" }, { apiVersion = "v1", kind = "ConfigMap", data = {
  a = 5 } } })
]]), 1, true)
  end)

  it("is looked at in its text form", function()
    assert.equal("1: k8s.apply: dta: unknown field 'dta': did you mean 'data'?\n", check("t.lua",
      'assert(k8s.apply("apiVersion: v1\\nkind: ConfigMap\\ndta: {}"))\n'))
    assert.matches("1: k8s.apply: the text is no YAML: line 2, ", check("u.lua", 'assert(k8s.apply("a: [1, 2"))\n'))
    assert.equal("", check("v.lua", 'assert(k8s.apply([[\napiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n]]))\n'))
    assert.equal("", check("w.lua", 'local a = "a: ["\nassert(k8s.apply(a .. "]"))\nassert(fs.write("a: [", a))\n'))
  end)

  it("is no finding where it is known at run time, or of another kind", function()
    assert.equal("", check("f.lua", [[
local function fields(n) return { anything = n } end
local kind, name = arg[1], "dta"
local spec = { replicsa = 3 }
spec.replicas, spec.replicsa = spec.replicsa, nil
assert(k8s.apply { apiVersion = "v1", kind = kind, dta = 1 })
assert(k8s.apply { apiVersion = "example.org/v1", kind = "ConfigMap", dta = 1 })
assert(k8s.apply { apiVersion = "v1", kind = "ConfigMap", [name] = 1, data = { a = name, b = tostring(5) } })
assert(k8s.apply { apiVersion = "v1", kind = "ConfigMap", data = {}, binaryData = fields(1), immutable = kind == 1 })
assert(k8s.apply { apiVersion = "apps/v1", kind = "Deployment", spec = spec })
assert(k8s.apply { apiVersion = "v1", kind = "Service", spec = { ports = { fields(80), kind or { port = 1 } } } })
assert(k8s.apply { apiVersion = "v1", kind = "Pod", spec = { containers = { fields(1), table.unpack(arg) } } })
assert(k8s.diff { apiVersion = "v1", kind = "Service", spec = { ports = { { port = 5 + #arg, name = nil } } } })
]]))
  end)
end)

describe("no finding", function()
  it("is what a server takes", function()
    assert.equal("", check("fine.yaml", [[
apiVersion: v1
kind: Service
metadata:
  name: a
  annotations: {any.example/thing: "x"}
  creationTimestamp: null
  managedFields: [{anything: {goes: here}}]
spec:
  ports:
    - {port: 80, targetPort: http}
    - port: 81.0
      targetPort: 8081
status: {whatever: true}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: a}
spec: {hard: {cpu: 1, memory: 1Gi, pods: "5", requests.cpu: 0.5}}
---
apiVersion: v1
kind: List
items: []
]]))
  end)

  it("is about a kind, or a version, that nobody knows", function()
    assert.equal("", check("other.yaml", [[
apiVersion: example.org/v1
kind: ConfigMap
dta: 1
---
apiVersion: v2
kind: ConfigMap
dta: 1
---
apiVersion: v1
kind: Thing
dta: 1
]]))
  end)
end)
