-- luacheck: read globals temp_folder
-- sandscript build, check, test and policy: what never touches a network.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local REQUEST = "namespace: demo\nsandboxName: s1\nenvSecretName: env\nserviceAccountName: agent\n"

describe("cli build", function()
  local place

  setup(function()
    place = cli.place(temp_folder())
    place:write("r.yaml", REQUEST)
  end)

  local function build(...)
    return place:run { "build", "claude_local", "-f", "r.yaml", ... }
  end

  local function set(...)
    local args = { "-o", "json" }
    for _, value in ipairs { ... } do
      args[#args + 1] = "--set"
      args[#args + 1] = value
    end
    return json.decode(cli.ok(build(table.unpack(args))).out)
  end

  it("prints YAML, or JSON of the same object", function()
    local object = yaml.decode(cli.ok(build()).out)
    assert.equal("agents.x-k8s.io/v1beta1", object.apiVersion)
    assert.equal("s1", object.metadata.name)
    assert.same(object, json.decode(build("-o", "json").out))
    assert.same(object, yaml.decode(place:run({ "build", "claude_local", "-f", "-", stdin = REQUEST }).out))
  end)

  it("types what is set by the field", function()
    local spec = set("activeDeadlineSeconds=60", "hostUsers=false", "imagePullSecrets=a,b", "nodeName=true",
      "env.DEBUG=1", "labels.a\\.b/c=true", "resources.limits.cpu=4", "resources.limits.memory=1Gi",
      "tolerations=[{key: a, operator: Exists}]").spec.podTemplate.spec
    assert.equal(60, spec.activeDeadlineSeconds)
    assert.is_false(spec.hostUsers)
    assert.same({ { name = "a" }, { name = "b" } }, spec.imagePullSecrets)
    assert.equal("true", spec.nodeName)
    assert.same({ { name = "DEBUG", value = "1" } }, spec.containers[1].env)
    assert.same({ cpu = "4", memory = "1Gi" }, spec.containers[1].resources.limits)
    assert.same({ { key = "a", operator = "Exists" } }, spec.tolerations)
  end)

  it("escapes dots and equals signs by a backslash", function()
    local metadata = set("labels.example\\.com/team=red", "annotations.example\\.com/x=a=b").metadata
    assert.equal("red", metadata.labels["example.com/team"])
    assert.equal("a=b", metadata.annotations["example.com/x"])
    cli.fails(build("--set", "labels.a\\=b=c"), 1, 'labels["a=b"]')
  end)

  it("builds for a tenant: overlays are chosen by it, the manifest does not name it", function()
    place:write("policy/adapters/one.lua", 'return adapter { name = "one", image = "x.example/one:1" }\n')
    place:write("policy/local.d/acme.lua",
      'return overlay { adapter = "*", tenant = "acme", image = "x.example/acme:1" }\n')
    local function image(...)
      local r = place:run { "--policy", "policy", "build", "one", "-f", "r.yaml", ... }
      assert.is_nil(r.out:find("tenant"))
      return yaml.decode(cli.ok(r).out).spec.podTemplate.spec.containers[1].image
    end
    assert.equal("x.example/one:1", image())
    assert.equal("x.example/one:1", image("--set", "tenant=other"))
    assert.equal("x.example/acme:1", image("--set", "tenant=acme"))
    cli.fails(build("--set", "tenant=No Name"), 1, "tenant: must ")
    cli.fails(build("--set", "tenat=x"), 2, "unknown field 'tenat': did you mean 'tenant'?")
  end)

  it("takes the last of what is set twice, over the file", function()
    assert.equal("s3", set("sandboxName=s2", "sandboxName=s3").metadata.name)
  end)

  it("refuses what is no field or no value", function()
    local function usage(text, value)
      cli.fails(build("--set", value), 2, text)
    end
    usage("--set: unknown field 'runtimeClasName': did you mean 'runtimeClassName'?", "runtimeClasName=x")
    usage("--set: unknown field 'xyzzy'; see `sandscript help build`", "xyzzy=1")
    usage("--set 'image' is not of the form field=value", "image")
    usage("--set '=x' is not of the form field=value", "=x")
    usage("--set activeDeadlineSeconds: 'soon' is not an integer", "activeDeadlineSeconds=soon")
    usage("--set hostUsers: 'no' is neither true nor false", "hostUsers=no")
    usage("'image' has no fields that deep", "image.tag=x")
    usage("--set labels: line 2", "labels={a")
  end)

  it("names the fields that are missing or wrong", function()
    local r = place:run { "build", "claude_local", "--set", "namespace=demo" }
    assert.equal(1, r.code)
    assert.matches("adapter 'claude_local': sandboxName: required field is missing", r.err, 1, true)
    assert.matches("\n  envSecretName: required field is missing", r.err, 1, true)
    cli.fails(build("--set", "image=BAD Name"), 1, "image: must not contain white space")
    cli.fails(place:run { "build", "claude_loca", "-f", "r.yaml" }, 1, "did you mean 'claude_local'?")
  end)

  it("gives file and line of a request that cannot be read", function()
    place:write("bad.yaml", "a: b\n c: d\n")
    cli.fails(place:run { "build", "claude_local", "-f", "bad.yaml" }, 1, "bad.yaml: line 2, column 3")
    cli.fails(place:run { "build", "claude_local", "-f", "no.yaml" }, 1, "no.yaml: No such file or directory")
    place:write("list.yaml", "- a\n")
    cli.fails(place:run { "build", "claude_local", "-f", "list.yaml" }, 1,
      "list.yaml: the request must be a map of fields")
  end)
end)

describe("cli policy folders", function()
  local place

  local function adapter(name, text)
    return place:write("policy/adapters/" .. name .. ".lua", text)
  end

  local function policy(...)
    return place:run { "--policy", "policy", ... }
  end

  setup(function()
    place = cli.place(temp_folder())
    adapter("good", "return adapter {\n  name = 'good',\n  image = 'example.com/a:1',\n}")
    adapter("typo", "return adapter {\n  name = 'typo',\n  imagge = 'x',\n}")
    adapter("syntax", "return adapter {\n  name = = 'x',\n}")
    adapter("raises", "local x = nil\nreturn x.y")
    adapter("hook", "return adapter {\n  name = 'hook', image = 'x',\n  build = function(input)\n    return input.a.b\n"
      .. "  end,\n}")
  end)

  it("list what loads and what does not", function()
    local r = policy("policy", "list")
    assert.equal(1, r.code)
    assert.matches("^ADAPTER +SHA256 +FILE\ngood +%x+ ", r.out)
    for _, text in ipairs {
      "adapters/typo.lua:3: unknown field 'imagge': did you mean 'image'?",
      "adapters/syntax.lua:2: unexpected symbol near '='", "adapters/raises.lua:2: attempt to index a nil value",
    } do
      assert.matches(text, r.err, 1, true)
    end
    local list = json.decode(policy("policy", "list", "-o", "json").out)
    assert.equal("good", list.adapters[1].name)
    assert.equal(3, #list.failed)
  end)

  it("are checked, with file and line of every problem", function()
    local r = policy("check")
    assert.equal(1, r.code)
    assert.matches("typo.lua:3: ", r.out, 1, true)
    assert.matches("syntax.lua:2: ", r.out, 1, true)
    assert.matches("raises.lua:2: ", r.out, 1, true)
    assert.is_nil(r.out:find("good.lua", 1, true))
    assert.matches("5 files checked, ", r.err, 1, true)
    local findings = json.decode(policy("check", "-o", "json").out)
    assert.is_true(#findings >= 3)
    assert.matches("policy/adapters/", findings[1].file, 1, true)
  end)

  it("say why an adapter does not serve", function()
    local args = { "-f", place:write("r.yaml", REQUEST) }
    cli.fails(policy("build", "typo", table.unpack(args)), 1, "imagge")
    local r = policy("build", "hook", table.unpack(args))
    assert.equal(1, r.code)
    assert.matches("hook.lua:4: attempt to index a nil value", r.err, 1, true)
  end)

  it("may be empty, and must be folders", function()
    place:write("empty/adapters/.keep", "")
    assert.equal("ADAPTER  SHA256        FILE\n", cli.ok(place:run { "--policy", "empty", "policy", "list" }).out)
    cli.fails(place:run { "--policy", "r.yaml", "policy", "list" }, 2, "r.yaml (from --policy) is not a folder")
  end)
end)

describe("cli check", function()
  local place

  setup(function()
    place = cli.place(temp_folder())
  end)

  local function finding(name, text, expected)
    place:write(name, text)
    local r = place:run { "check", name }
    assert.equal(1, r.code, r.err)
    assert.matches(name .. ":" .. expected, r.out, 1, true)
    assert.matches("1 file checked, ", r.err, 1, true)
  end

  it("passes what is right", function()
    place:write("a.lua", "#!/usr/bin/env sandscript\nprint(arg[1])\nlocal text = 'return adapter or nothing'\n")
    place:write("b.yaml", cli.sandbox(place, "s1"))
    assert.equal("", cli.ok(place:run { "check", "a.lua", "b.yaml" }).out)
    assert.equal("[]\n", cli.ok(place:run { "check", "a.lua", "-o", "json" }).out)
  end)

  it("finds errors of syntax with their line", function()
    finding("s.lua", "print(1)\nlocal = 2\n", "2: <name> expected near '='")
    finding("t.lua", "#!x\nprint(1)\nlocal = 2\n", "3: <name> expected near '='")
    finding("s.yaml", "a: b\n c: d\n", "2: column 3: ")
    finding("s.json", '{"a": 1,\n "b": }', "2: column 7: ")
  end)

  it("finds what the guard would refuse, with path, rule and fix", function()
    local text = cli.sandbox(place, "s1"):gsub("automountServiceAccountToken: false", "hostNetwork: true")
    finding("g.yaml", "a: 1\n---\n" .. text,
      "18: spec.podTemplate.spec.hostNetwork: must not be true (hostNamespaces): write false")
    finding("g.json", json.encode(yaml.decode(text)), "1: spec.podTemplate.spec.hostNetwork: ")
    finding("k.yaml", "a: 1\n", "1: kind: must be set")
  end)

  it("honours waivers, and says so", function()
    local field = "readOnlyRootFilesystem: "
    place:write("w.yaml", (cli.sandbox(place, "s1"):gsub(field .. "true", field .. "false")))
    local rule = place:run({ "check", "w.yaml" }).out:match("%(([%w_]+)%)")
    assert.is_string(rule)
    local r = cli.ok(place:run { "check", "w.yaml", "--waive", rule })
    assert.matches("warn guard: rule " .. rule .. " waived for Sandbox demo/s1 at spec", r.err, 1, true)
    assert.equal(0, place:run({ "check", "w.yaml", "--waive", rule .. "=demo/s1" }).code)
    assert.equal(1, place:run({ "check", "w.yaml", "--waive", rule .. "=demo/other" }).code)
  end)

  it("goes on after a file that cannot be read", function()
    place:write("many/a.lua", "local = 1")
    place:write("many/c.lua", "local = 1")
    assert(os.execute("mkdir -p " .. place.dir .. "/many && ln -s nowhere " .. place.dir .. "/many/b.lua"))
    local r = place:run { "check", "many" }
    assert.equal(1, r.code)
    assert.matches("^many/a.lua:1: [^\n]+\nmany/b.lua: No such file or directory\nmany/c.lua:1: ", r.out)
  end)

  it("names what it cannot read", function()
    cli.fails(place:run { "check", "nowhere" }, 2, "nowhere: no such file or folder")
    place:write("x.txt", "")
    cli.fails(place:run { "check", "x.txt" }, 2, "x.txt: check reads .lua, .yaml, .yml and .json files")
  end)
end)

describe("cli test", function()
  local place

  setup(function()
    place = cli.place(temp_folder())
    place:write("specs/a_spec.lua", [[
      describe("sums", function()
        it("add", function() assert.equal(2, 1 + 1) end)
        it("fail", function() assert.equal(3, 1 + 1) end)
      end)]])
  end)

  it("runs the specs of a folder", function()
    local r = place:run { "test", "specs" }
    assert.equal(1, r.code)
    assert.matches("FAILED specs/a_spec.lua:3: sums fail", r.out, 1, true)
    assert.matches("1 passed, 1 failed", r.out, 1, true)
    assert.matches("1 passed, 0 failed", cli.ok(place:run { "test", "specs", "--run", "add" }).out, 1, true)
  end)

  it("reports for machines", function()
    assert.equal(1, json.decode(place:run({ "test", "specs", "-o", "json" }).out).failed)
    assert.matches("^1%.%.2\nok 1 %- sums add\nnot ok 2", place:run({ "test", "specs", "-o", "tap" }).out)
    assert.matches("<testsuites tests=\"2\" failures=\"1\"", place:run({ "test", "specs", "-o", "junit" }).out, 1, true)
  end)

  it("finds nothing to run", function()
    assert.equal(1, place:run({ "test", "specs", "--run", "nothing like it" }).code)
    local r = place:run { "test", "nowhere" }
    assert.equal(2, r.code)
    assert.matches("nowhere", r.err)
  end)
end)
