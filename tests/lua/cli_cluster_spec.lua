-- luacheck: read globals temp_folder
-- sandscript get, wait, apply, diff and delete, on the embedded cluster.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

-- A place whose cluster has the namespace demo, and the manifest s1.yaml.
local function prepared(dir)
  local place = cli.place(dir)
  place:write("base.yaml", cli.NAMESPACE)
  place:write("s1.yaml", cli.sandbox(place, "s1"))
  cli.ok(place:run { "apply", "-f", "base.yaml" })
  return place
end

local function lines(text)
  local list = {}
  for line in text:gmatch("[^\n]+") do
    list[#list + 1] = line
  end
  return list
end

describe("cli apply, diff, delete", function()
  local place

  before_each(function()
    place = prepared(temp_folder())
  end)

  it("say which cluster they use, once", function()
    local r = place:shell('exec 2>&1 >/dev/null; "$SS" apply -f s1.yaml; "$SS" --cluster embedded:other.db get ns')
    assert.matches("^sandscript: using the embedded cluster .*/.local/state/sandscript/cluster.db "
      .. "%(no kubeconfig configured%)\nsandscript: using the embedded cluster other.db\n$", r.out)
  end)

  it("say what became of each object, on which cluster", function()
    local place2 = cli.place(temp_folder())
    place2:write("all.yaml", cli.sandbox(place2, "s1") .. "---\n" .. cli.NAMESPACE)
    local out = lines(cli.ok(place2:run { "apply", "-f", "all.yaml" }).out)
    assert.matches("^namespace/demo created %(context embedded, .*/cluster.db%)$", out[1])
    assert.matches("^serviceaccount/agent in namespace demo created ", out[2])
    assert.matches("^secret/env in namespace demo created ", out[3])
    assert.matches("^sandbox/s1 in namespace demo created ", out[4])
    for _, line in ipairs(lines(cli.ok(place2:run { "apply", "-f", "all.yaml" }).out)) do
      assert.matches(" unchanged ", line)
    end
    place2:write("all.yaml", cli.sandbox(place2, "s1", "--set", "labels.team=red"))
    assert.is_nil(place2:run({ "get", "sandbox", "s1", "-n", "demo", "-o", "yaml" }).out:find("managedFields"))
    assert.matches("sandbox/s1 in namespace demo configured ", place2:run({ "apply", "-f", "all.yaml" }).out)
  end)

  it("try without storing", function()
    assert.matches("sandbox/s1 in namespace demo would be created (dry run) ",
      cli.ok(place:run { "apply", "--dry-run", "-f", "s1.yaml" }).out, 1, true)
    assert.equal("", place:run({ "get", "sandbox", "-A" }).out)
    cli.ok(place:run { "apply", "-f", "s1.yaml" })
    assert.matches("sandbox/s1 in namespace demo would be deleted (dry run) ",
      cli.ok(place:run { "delete", "--dry-run", "-f", "s1.yaml" }).out, 1, true)
    assert.matches("s1", place:run({ "get", "sandbox", "-A" }).out)
    assert.matches("sandbox/s1 in namespace demo would be unchanged (dry run) ",
      cli.ok(place:run { "apply", "--dry-run", "-f", "s1.yaml" }).out, 1, true)
    place:write("s1b.yaml", cli.sandbox(place, "s1", "--set", "labels.team=red"))
    assert.matches("sandbox/s1 in namespace demo would be configured (dry run) ",
      cli.ok(place:run { "apply", "--dry-run", "-f", "s1b.yaml" }).out, 1, true)
    assert.equal("", place:run({ "get", "sandbox", "-A", "-l", "team=red" }).out)
  end)

  it("compare: 0 the same, 1 different, 2 failed", function()
    local r = place:run { "diff", "-f", "s1.yaml" }
    assert.equal(1, r.code)
    assert.matches("^# sandbox/s1 in namespace demo %(context embedded, .*%+kind: Sandbox", r.out)
    cli.ok(place:run { "apply", "-f", "s1.yaml" })
    assert.equal("", cli.ok(place:run { "diff", "-f", "s1.yaml", "-f", "base.yaml" }).out)
    place:write("s1b.yaml", cli.sandbox(place, "s1", "--set", "labels.team=red"))
    r = place:run { "diff", "-f", "s1b.yaml" }
    assert.equal(1, r.code)
    assert.matches("\n+    team: red\n", r.out, 1, true)
    cli.fails(place:run { "diff", "-f", "nothing.yaml" }, 2, "nothing.yaml: No such file or directory")
  end)

  it("delete in reverse order, and say what was not there", function()
    cli.ok(place:run { "apply", "-f", "s1.yaml" })
    local out = lines(cli.ok(place:run { "delete", "-f", "base.yaml", "-f", "s1.yaml", "--wait" }).out)
    assert.matches("^sandbox/s1 in namespace demo deleted ", out[1])
    assert.matches("^secret/env in namespace demo deleted ", out[2])
    assert.matches("^namespace/demo deleted ", out[4])
    assert.matches("^sandbox/s1 in namespace demo was not there ",
      cli.ok(place:run { "delete", "-f", "s1.yaml" }).out)
  end)

  it("read folders in name order, standard input, lists and JSON", function()
    place:write("dir/b.yml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n")
    place:write("dir/a.json", json.encode {
      apiVersion = "v1", kind = "List",
      items = { { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "a" } } },
    })
    place:write("dir/readme.txt", "no manifest")
    local r = cli.ok(place:run { "apply", "-f", "dir", "-n", "demo", "-o", "name" })
    assert.equal("configmap/a\nconfigmap/b\n", r.out)
    r = cli.ok(place:run { "apply", "-f", "-", "-o", "json", stdin = place:read("dir/b.yml") })
    assert.equal("default", json.decode(r.out).metadata.namespace)
    assert.equal("b", yaml.decode(cli.ok(place:run { "apply", "-f", "dir/b.yml", "-o", "yaml" }).out).metadata.name)
  end)

  it("give the file of what is no manifest, before anything is written", function()
    local function refused(text, expected, name)
      place:write(name or "bad.yaml", text)
      for _, command in ipairs { "apply", "delete" } do
        cli.fails(place:run { command, "-f", "s1.yaml", "-f", name or "bad.yaml" }, 1, expected)
      end
      cli.fails(place:run { "diff", "-f", name or "bad.yaml" }, 2, expected)
    end
    refused("a: b\n c: d\n", "bad.yaml: line 2, column 3: mapping values are not allowed")
    refused('{"a": 1,\n "b": }', "bad.json: line 2, column 7: ", "bad.json")
    refused("a: 1\n", "bad.yaml: not a Kubernetes object: it has no kind")
    refused("- 1\n", "bad.yaml: not a Kubernetes object")
    refused("kind: Pod\nmetadata: {name: x}\n", "bad.yaml: the Pod has no apiVersion")
    refused("apiVersion: v1\nkind: Pod\n", "bad.yaml: the Pod has no metadata.name")
    refused("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\nkind: Pod\n", "bad.yaml: document 2: the Pod")
    refused("apiVersion: v1\nkind: PodList\nitems: [{kind: Pod}]\n", "bad.yaml: items[0]: the Pod has no apiVersion")
    assert.equal("", place:run({ "get", "sandbox", "-A" }).out)
    place:write("empty.yaml", "")
    cli.fails(place:run { "apply", "-f", "empty.yaml" }, 1, "empty.yaml: there are no objects in it")
    cli.fails(place:run { "apply", "-f", "nowhere" }, 1, "nowhere: No such file or directory")
  end)

  it("say what the embedded cluster does not do", function()
    for kind, version in pairs { SandboxClaim = "extensions.agents.x-k8s.io/v1beta1", Service = "v1", Issuer =
      "cert-manager.io/v1", SandboxWarmPool = "extensions.agents.x-k8s.io/v1beta1", Widget = "example.com/v1" } do
      place:write("k.yaml", ("apiVersion: %s\nkind: %s\nmetadata: {name: x}\n"):format(version, kind))
      cli.fails(place:run { "apply", "-f", "k.yaml" }, 1, "use a real cluster")
      cli.fails(place:run { "get", kind:lower() .. "s" }, 1, "use a real cluster")
    end
  end)

  it("name a kind that is not served, and a namespace that is not there", function()
    place:write("k.yaml", "apiVersion: v1\nkind: Pood\nmetadata: {name: x}\n")
    for command, code in pairs { apply = 1, delete = 1, diff = 2 } do
      cli.fails(place:run { command, "-f", "k.yaml" }, code, 'the server has no kind "Pood": did you mean Pod?')
    end
    place:write("n.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: nowhere}\n")
    cli.fails(place:run { "apply", "-f", "n.yaml" }, 1,
      'apply ConfigMap nowhere/x: namespaces "nowhere" not found (context embedded, HTTP 404)')
    cli.fails(place:run { "apply", "-f", "s1.yaml", "-n", "other" }, 1, "apply Sandbox demo/s1: ")
  end)

  it("are refused by the guard, every violation with path, rule and fix", function()
    place:write("bad.yaml", (cli.sandbox(place, "s1")
      :gsub("runAsNonRoot: true", "runAsNonRoot: false"):gsub("- ALL", "- NET_RAW")))
    for _, args in ipairs {
      { "apply", "-f", "bad.yaml" }, { "apply", "--dry-run", "-f", "bad.yaml" }, { "diff", "-f", "bad.yaml" },
    } do
      local r = place:run(args)
      assert.equal(3, r.code)
      assert.matches("^sandscript: %w+: Sandbox demo/s1 is refused by the guard: ", r.err)
      local list = lines(r.err)
      -- The headline has the first one, and says how many follow.
      assert.equal(tonumber(r.err:match("%(and (%d+) more%)\n")), #list - 1)
      local first = list[1]:match("guard: (spec%S+) ")
      assert.equal(1, select(2, r.err:gsub(first:gsub("%p", "%%%0"), "")))
      for i = 2, #list do
        assert.matches("^  spec%.podTemplate%.spec%.[%w%.%[%]]+: .+ %[[%w_]+%]: .+", list[i])
      end
    end
    assert.equal("", place:run({ "get", "sandbox", "-A" }).out)
  end)

  it("are refused as patches, too", function()
    cli.ok(place:run { "apply", "-f", "s1.yaml" })
    local r = place:run { "-e", [[
      assert(k8s.patch({ kind = "Sandbox", name = "s1", namespace = "demo" },
        { spec = { podTemplate = { spec = { hostNetwork = true } } } }))]] }
    assert.equal(3, r.code)
    local said = "spec.podTemplate.spec.hostNetwork must not be true (hostNamespaces): write false"
    assert.matches(said, r.err, 1, true)
    local _, times = r.err:gsub("must not be true", "")
    assert.equal(1, times)
    assert.is_nil(place:run({ "get", "sandbox", "s1", "-n", "demo", "-o", "yaml" }).out:find("hostNetwork"))
  end)

  it("pass what the operator waives, and log it", function()
    place:write("w.yaml", (cli.sandbox(place, "s1"):gsub("automountServiceAccountToken: false",
      "automountServiceAccountToken: true")))
    assert.equal(3, place:run({ "apply", "-f", "w.yaml" }).code)
    assert.equal(3, place:run({ "apply", "-f", "w.yaml", "--waive", "P01=demo/other" }).code)
    local r = cli.ok(place:run { "apply", "-f", "w.yaml", "--waive", "P01=demo/s1" })
    assert.matches("warn guard: rule P01 waived for Sandbox demo/s1 at spec.podTemplate.spec", r.err, 1, true)
    place:write(".config/sandscript/config.lua", "return { waive = { 'P01' } }")
    local again = cli.ok(place:run { "apply", "-f", "w.yaml" }).err
    local _, times = again:gsub("rule P01 waived", "")
    assert.equal(1, times, again)
  end)
end)

describe("cli get", function()
  local place

  setup(function()
    place = prepared(temp_folder())
    cli.ok(place:run { "apply", "-f", "s1.yaml" })
    cli.ok(place:run { "wait", "sandbox", "s1", "-n", "demo" })
  end)

  local function get(...)
    return place:run { "get", ... }
  end

  it("shows tables with the columns of the kind", function()
    assert.matches("^NAME   READY   REASON              AGE\ns1     True    DependenciesReady   %d+s\n$",
      cli.ok(get("sandbox", "-n", "demo")).out)
    assert.matches("^NAMESPACE   NAME   READY   STATUS    RESTARTS   AGE\ndemo        s1     1/1     Running   0 ",
      cli.ok(get("pods", "-A")).out)
    assert.matches("^NAME   STATUS   AGE\ndemo   Active ", cli.ok(get("ns", "demo")).out)
    assert.matches("^NAME   TYPE     DATA   AGE\nenv    Opaque   0 ", cli.ok(get("secret", "env", "-n", "demo")).out)
  end)

  it("shows objects as YAML, JSON and names", function()
    assert.equal("s1", json.decode(cli.ok(get("sandbox", "s1", "-n", "demo", "-o", "json")).out).metadata.name)
    assert.equal("Sandbox", yaml.decode(cli.ok(get("sandbox", "s1", "-n", "demo", "-o", "yaml")).out).kind)
    local list = json.decode(cli.ok(get("sandbox", "-A", "-o", "json")).out)
    assert.equal("List", list.kind)
    assert.equal("s1", list.items[1].metadata.name)
    assert.equal("sandbox.agents.x-k8s.io/s1\n", cli.ok(get("sandbox", "-A", "-o", "name")).out)
  end)

  it("selects", function()
    local selected = get("sandbox", "-A", "-l", "paperclip.io/adapter=claude_local", "-o", "name")
    assert.equal("sandbox.agents.x-k8s.io/s1\n", selected.out)
    assert.equal("", get("sandbox", "-A", "-l", "paperclip.io/adapter=other", "-o", "name").out)
    assert.equal("pod/s1\n", get("pods", "-A", "--field-selector", "metadata.name=s1", "-o", "name").out)
    cli.fails(get("pods", "-l", "a in"), 1, "unable to parse requirement")
  end)

  it("says that there is nothing, or no such thing", function()
    local r = cli.ok(get("configmaps", "-n", "demo"))
    assert.equal("", r.out)
    assert.equal("no configmaps found in namespace demo (context embedded)\n", r.err)
    cli.fails(get("pod", "nope"), 1, 'get Pod default/nope: pods "nope" not found')
    cli.fails(get("podz"), 1, 'the server has no kind "podz": did you mean Pod?')
  end)
end)

describe("cli wait", function()
  local place

  setup(function()
    place = prepared(temp_folder())
  end)

  it("ends when the condition holds", function()
    cli.ok(place:run { "apply", "-f", "s1.yaml" })
    assert.matches("^sandbox/s1 in namespace demo: Ready %(context embedded, ",
      cli.ok(place:run { "wait", "sandbox", "s1", "-n", "demo" }).out)
    assert.matches("^sandbox/s1 in namespace demo: PodScheduled=True ",
      cli.ok(place:run { "wait", "sandbox", "s1", "-n", "demo", "--for=condition=PodScheduled=True" }).out)
    local object = json.decode(cli.ok(place:run { "wait", "sandbox", "s1", "-n", "demo", "-o", "json" }).out)
    assert.equal("s1", object.metadata.name)
  end)

  it("waits for what is not there, and for what goes", function()
    cli.fails(place:run { "wait", "sandbox", "nope", "-n", "demo", "--timeout", "0.1" }, 5,
      "wait Sandbox demo/nope: timed out after 0.1 s: it does not exist yet")
    assert.matches("^sandbox/nope is gone ",
      cli.ok(place:run { "wait", "sandbox", "nope", "-n", "demo", "--for", "delete" }).out)
    cli.fails(place:run { "wait", "sandbocks", "x", "--timeout", "1" }, 1, 'the server has no kind "sandbocks"')
  end)

  it("gives the pod's own reason", function()
    place:write("s2.yaml", cli.sandbox(place, "s2", "--set", "image=x.invalid/a"))
    cli.ok(place:run { "apply", "-f", "s2.yaml" })
    local r = place:run { "wait", "sandbox", "s2", "-n", "demo", "--timeout", "1.5" }
    assert.equal(5, r.code)
    assert.matches("waiting: Sandbox s2: Pod demo/s2: ImagePullBackOff: container agent", r.err, 1, true)
    assert.matches("\nsandscript: wait Sandbox demo/s2: timed out after 1.5 s: Pod demo/s2: ImagePullBackOff", r.err, 1,
      true)
  end)

  it("fails at once for an image name that is none", function()
    place:write("s3.yaml", (cli.sandbox(place, "s3"):gsub("image: %S+", "image: Bad/Name")))
    cli.ok(place:run { "apply", "-f", "s3.yaml" })
    cli.fails(place:run { "wait", "sandbox", "s3", "-n", "demo", "--timeout", "30" }, 1, "InvalidImageName")
  end)

  it("is interrupted", function()
    local r = place:interrupt({ "wait", "sandbox", "nope", "-n", "demo" }, "err", "waiting")
    assert.equal(130, r.code)
    assert.matches("sandscript: .*interrupted\n$", r.err)
  end)
end)
