-- luacheck: read globals temp_folder
-- get and delete by name, in kubectl's ways of writing it.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local CONFIG_MAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, labels: {x: '%s'}}\ndata: {k: v%s}\n"

describe("cli get and delete", function()
  local place

  local function run(...)
    return place:run { "--cluster", "embedded:c.db", ... }
  end

  before_each(function()
    place = cli.place(temp_folder())
    local text = {}
    for i, name in ipairs { "a", "b", "c" } do
      text[i] = CONFIG_MAP:format(name, name, name)
    end
    place:write("m.yaml", table.concat(text))
    cli.ok(run("apply", "-f", "m.yaml"))
  end)

  it("take several names, kinds, and what -o name prints", function()
    assert.equal("configmap/a\nconfigmap/c\n", cli.ok(run("get", "configmap", "a", "c", "-o", "name")).out)
    assert.equal("configmap/a\nconfigmap/c\n", cli.ok(run("get", "configmap/a", "configmap/c", "-o", "name")).out)
    local both = cli.ok(run("get", "cm,namespaces")).out
    assert.matches("^NAME +DATA +AGE\nconfigmap/a +1 +%S+\nconfigmap/b +1 +%S+\nconfigmap/c +1 +%S+\n\nNAME +", both)
    assert.matches("\nnamespace/default ", both, 1, true)
    local wide = cli.ok(run("get", "cm/a", "-o", "wide", "--show-labels")).out
    assert.matches("^NAME   DATA   AGE   LABELS\na      1      %d+s    x=a\n$", wide)
    local list = json.decode(cli.ok(run("get", "cm", "a", "b", "-o", "json")).out)
    assert.equal("List", list.kind)
    assert.same({ "a", "b" }, { list.items[1].metadata.name, list.items[2].metadata.name })
    assert.equal("configmap/a\nnamespace/default\n", cli.ok(run("get", "cm/a", "ns/default", "-o", "name")).out)
    cli.fails(run("get", "cm/a", "b"), 2, "'b' is no KIND/NAME")
    cli.fails(run("get", "cm", "a/b"), 2, "'a/b' is no name")
    cli.fails(run("get", ","), 2, "names no kind")
  end)

  it("show the rest when one is missing", function()
    local r = run("get", "cm", "a", "nope", "c")
    assert.matches("^NAME +DATA +AGE\na +1 +%S+\nc +1 +%S+\n$", r.out)
    cli.fails(r, 1, 'get ConfigMap default/nope: configmaps "nope" not found')
  end)

  it("print what an expression of Lua makes of each object", function()
    assert.equal("va\nvb\nvc\n", cli.ok(run("get", "cm", "-o", "lua=data.k")).out)
    -- Into a pipe goes what the object holds.
    assert.equal("va\27[1m\n\n", cli.ok(run("get", "cm", "a", "-o", "lua=data.k .. '\\27[1m\\n'")).out)
    assert.equal("va\n", cli.ok(run("get", "cm", "a", "-o", "lua=data.k")).out)
    assert.equal("a:ConfigMap\n", cli.ok(run("get", "cm/a", "-o", "lua=metadata.name .. ':' .. object.kind")).out)
    assert.equal('{"x":"a"}\n', cli.ok(run("get", "cm/a", "-o", "lua=metadata.labels")).out)
    assert.equal("", cli.ok(run("get", "cm", "-o", "lua=status.podIPs[1]")).out)
    cli.fails(run("get", "cm", "-o", "lua=)"), 2, "-o lua:1: unexpected symbol near ')'")
    cli.fails(run("get", "cm", "-o", "lua=data.k + 1"), 1, "get: -o lua:1: attempt to")
    cli.fails(run("get", "cm", "-o", "lux=1"), 2, "unknown output format 'lux=1'")
  end)

  it("name no namespace for what lives in none", function()
    cli.ok(run("-e", 'assert(k8s.apply{apiVersion="v1", kind="Namespace", metadata={name="gone"}})'))
    assert.matches("^namespace/gone deleted %(", cli.ok(run("delete", "namespace", "gone", "-n", "x")).out)
    assert.matches("^namespace/nope was not there %(", cli.ok(run("delete", "namespace/nope", "-n", "x")).out)
    assert.matches("^cm/nope in namespace x was not there %(", cli.ok(run("delete", "cm/nope", "-n", "x")).out)
    assert.matches("^cm/a in namespace default deleted %(", cli.ok(run("delete", "cm", "a", "-n", "default")).out)
  end)

  it("show labels", function()
    local out = cli.ok(run("get", "cm", "--show-labels")).out
    assert.matches("^NAME +DATA +AGE +LABELS\na +1 +%S+ +x=a\n", out)
    assert.matches("<none>", cli.ok(run("get", "sa", "--show-labels")).out .. "<none>", 1, true)
  end)

  it("follow changes", function()
    place:write("more.yaml", CONFIG_MAP:format("d", "d", "d"))
    local r = place:shell([[
      "$SS" --cluster embedded:c.db get cm -w -o name >out & pid=$!
      until grep -q c out; do :; done
      "$SS" --cluster embedded:c.db apply -f more.yaml >/dev/null 2>&1
      until grep -q d out; do :; done
      kill $pid
      cat out
    ]])
    assert.equal("configmap/a\nconfigmap/b\nconfigmap/c\nconfigmap/d\n", r.out)
  end)

  it("delete by name", function()
    local out = cli.ok(run("delete", "cm", "a", "zzz")).out
    assert.matches("^cm/a deleted .*\ncm/zzz was not there ", out)
    assert.equal("configmap/b\nconfigmap/c\n", cli.ok(run("get", "cm", "-o", "name")).out)
    cli.ok(run("delete", "configmap/b", "configmap/c"))
    assert.equal("", run("get", "cm", "-o", "name").out)
    cli.fails(run("delete", "cm"), 2, "delete: which cm?")
    cli.fails(run("delete", "-f", "m.yaml", "cm", "a"), 2, "not both")
    cli.fails(run("delete"), 2, "delete needs manifests")
  end)

  it("read manifests from pipes", function()
    local r = place:shell([[mkfifo p; cat m.yaml >p & "$SS" --cluster embedded:d.db apply -f p; wait
      "$SS" --cluster embedded:d.db delete -f /dev/stdin <m.yaml]])
    assert.matches("configmap/c in namespace default created", r.out, 1, true)
    assert.matches("configmap/a deleted", r.out, 1, true)
  end)
end)
