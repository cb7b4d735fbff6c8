-- luacheck: read globals temp_folder
-- Contexts that the configuration protects bind commands and scripts: without a terminal, --yes is needed.
-- On a terminal: tests/repl/scenarios/test_protected_commands.py.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local MAPS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
local LUA = 'apiVersion="v1", kind="ConfigMap", metadata={name="c"}'

describe("without a terminal, a protected context", function()
  local place

  before_each(function()
    place = cli.place(temp_folder())
    place:write("a.yaml", MAPS:format("a"))
    place:write("d/b.yaml", MAPS:format("b") .. "---\n" .. MAPS:format("b2"))
  end)

  local function protect(context)
    place:write(".config/sandscript/config.lua", ("return { protected = { %q } }"):format(context))
  end

  local function run(...)
    return place:run { "--cluster", "embedded:c.db", ... }
  end

  local function there()
    return run("get", "configmaps", "-o", "name").out
  end

  local function refused(what, ...)
    local before = there()
    local verb, objects = what:match("^(%S+) (.*)$")
    cli.fails(run(...), 4, ("%s: the protected context embedded is not written to without a terminal to ask at; "
      .. "--yes does it without asking: %s"):format(verb, objects))
    assert.equal(before, there())
  end

  it("is not written to by commands, scripts and code", function()
    cli.ok(run("apply", "-f", "d"))
    place:write("s.lua", ("assert(k8s.apply { %s })"):format(LUA))
    protect "embedded"
    refused("apply 3 objects (ConfigMap a, ConfigMap b, ConfigMap b2)", "apply", "-f", "a.yaml", "-f", "d")
    refused("delete 2 objects (ConfigMap b2, ConfigMap b)", "delete", "-f", "d")
    refused("delete 1 object (configmap x/b)", "delete", "configmap/b", "-n", "x")
    refused("apply 1 object (ConfigMap c)", "run", "s.lua")
    refused("apply 1 object (ConfigMap c)", "s.lua")
    refused("create 1 object (ConfigMap c)", "-e", ("k8s.create { %s }"):format(LUA))
    refused("delete 1 object (ConfigMap b)", "-p", 'k8s.delete { kind = "ConfigMap", name = "b" }')
    refused("patch 1 object (ConfigMap b)", "-e",
      'assert(assert(k8s.connect { cluster = "embedded:c.db" }).patch({ kind = "ConfigMap", name = "b" }, {}))')
    local r = place:run { "--cluster", "embedded:c.db", "-", stdin = place:read("s.lua") }
    assert.equal(4, r.code, r.err)
    assert.equal("configmap/b\nconfigmap/b2\n", there())
  end)

  it("is written to with --yes", function()
    protect "embedded"
    cli.ok(run("apply", "-f", "d", "--yes"))
    cli.ok(run("--yes", "-e", ("k8s.create { %s }"):format(LUA)))
    assert.equal("configmap/b\nconfigmap/b2\nconfigmap/c\n", there())
    cli.ok(run("delete", "configmap", "b", "b2", "--yes"))
    local r = place:run { "--cluster", "embedded:c.db", "--yes", "repl",
      stdin = 'k8s.delete { kind = "ConfigMap", name = "c" }\n' }
    assert.equal(0, r.code, r.err)
    assert.equal("", there())
  end)

  it("is read, and rehearsed, as any other", function()
    cli.ok(run("apply", "-f", "d"))
    protect "embedded"
    cli.ok(run("get", "configmaps"))
    cli.ok(run("apply", "-f", "a.yaml", "--dry-run"))
    cli.ok(run("delete", "-f", "d", "--dry-run"))
    assert.equal(1, run("diff", "-f", "a.yaml").code)
    cli.ok(run("-e", ("k8s.apply({ %s }, { dryRun = true })"):format(LUA)))
  end)

  it("is the one that is written to, by its name", function()
    protect "prod"
    cli.ok(run("apply", "-f", "d"))
    cli.ok(run("-e", ("k8s.create { %s }"):format(LUA)))
  end)

  it("is said where the script says nothing of it", function()
    protect "embedded"
    local r = run("-e", ("local ok, err = k8s.apply { %s } print(ok, err.code, err.op)"):format(LUA))
    assert.equal("nil\tforbidden\tapply\n", r.out)
    cli.fails(run("-e", "k8s.apply(1)"), 1, "k8s.apply: expected an object, not a number")
  end)
end)
