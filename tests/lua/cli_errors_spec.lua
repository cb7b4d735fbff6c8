-- luacheck: read globals temp_folder
-- Clusters that cannot be used: one clear line each, and the right exit code. What a real
-- API server refuses is in tests/cluster/test_errors.sh.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local function kubeconfig(cluster, user)
  return ([[
apiVersion: v1
kind: Config
current-context: c
clusters: [{name: k, cluster: {%s}}]
users: [{name: u, user: {%s}}]
contexts: [{name: c, context: {cluster: k, user: u}}]
]]):format(cluster, user or "token: t0p-s3cret")
end

describe("cli kubeconfig", function()
  local place

  setup(function()
    place = cli.place(temp_folder())
  end)

  local function refused(text, expected, ...)
    place:write("kc", text)
    local args = { "--kubeconfig", "kc", "get", "namespaces", ... }
    cli.fails(place:run(args), 4, expected)
    args = { "get", "namespaces", env = { KUBECONFIG = "kc" }, ... }
    cli.fails(place:run(args), 4, expected)
  end

  it("that is missing is an error, never a reason for another cluster", function()
    cli.fails(place:run { "--kubeconfig", "nowhere", "get", "pods" }, 4, "kubeconfig nowhere: ")
    cli.fails(place:run { "get", "pods", env = { KUBECONFIG = "/nowhere" } }, 4,
      "KUBECONFIG=/nowhere: there is no such file; correct or unset KUBECONFIG")
    cli.fails(place:run { "-e", "assert(k8s.list{kind='Pod'})", env = { KUBECONFIG = "/nowhere" } }, 4,
      "KUBECONFIG=/nowhere")
  end)

  it("that is broken is named with file and line", function()
    refused("a: [\n", "kc: line 2, column 1: ")
    refused("", "current-context is not set")
    refused("apiVersion: v1\nkind: Config\ncurrent-context: x\n", 'current-context names "x", which is not there')
    refused(kubeconfig "server: 'ftp://x'", "begins with ftp:// instead of https://")
    refused(kubeconfig "insecure-skip-tls-verify: true", 'cluster "k"')
    refused(kubeconfig "server: 'https://127.0.0.1:1', certificate-authority: /nowhere",
      "certificate-authority: /nowhere: No such file or directory")
    refused(kubeconfig("server: 'https://127.0.0.1:1'", "client-certificate: /nowhere, client-key: /nowhere"),
      'user "u": client-certificate: /nowhere: No such file or directory')
    local server = "server: 'https://127.0.0.1:1'"
    refused(kubeconfig(server, "exec: {command: aws, apiVersion: client.authentication.k8s.io/v1}"),
      "exec plugin \"aws\", which sandscript does not run")
  end)

  it("is searched for the context that was asked for", function()
    refused(kubeconfig "server: 'https://127.0.0.1:1'", 'there is no context "prodd"; contexts here: c',
      "--context", "prodd")
  end)
end)

describe("cli cluster that does not answer", function()
  local place

  setup(function()
    place = cli.place(temp_folder())
    place:write("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
  end)

  local function fails(cluster, code, expected, ...)
    place:write("kc", kubeconfig(cluster))
    local r = place:run { "--kubeconfig", "kc", ... }
    cli.fails(r, code, expected)
    assert.is_nil(r.err:find("s3cret", 1, true))
  end

  it("names the address and what to look at", function()
    local dead = "server: 'https://127.0.0.1:1'"
    fails(dead, 4, "list namespaces: context c: https://127.0.0.1:1: connection refused", "get", "namespaces")
    fails(dead, 4, "get Pod default/x: context c: https://127.0.0.1:1: connection refused", "get", "pod", "x")
    fails(dead, 4, "apply ConfigMap default/a: context c: https://127.0.0.1:1: connection refused",
      "apply", "-f", "cm.yaml")
    fails(dead, 4, "connection refused", "diff", "-f", "cm.yaml")
    fails(dead, 4, "connection refused", "delete", "-f", "cm.yaml")
    fails("server: 'https://no-such-host.invalid:6443'", 4,
      "https://no-such-host.invalid:6443: the host's name cannot be resolved", "get", "namespaces")
    fails(dead, 4, "wait Pod default/x: context c: https://127.0.0.1:1: connection refused", "wait", "pod", "x")
  end)
end)

describe("cli embedded cluster", function()
  local place

  setup(function()
    place = cli.place(temp_folder())
  end)

  local function fails(file, expected)
    cli.fails(place:run { "--cluster", "embedded:" .. file, "get", "namespaces" }, 4, expected)
  end

  it("needs a database of its own", function()
    place:write("text.db", ("this is no database\n"):rep(100))
    fails("text.db", "text.db: not a database of ours or damaged")
    assert.equal(("this is no database\n"):rep(100), place:read("text.db"))
  end)

  it("needs a place to write", function()
    place:write("m.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    for file, expected in pairs { ["/proc/cluster.db"] = "/proc/cluster.db", ["/dev/null/cluster.db"] = "/dev/null" } do
      cli.fails(place:run { "--cluster", "embedded:" .. file, "apply", "-f", "m.yaml" }, 4, expected)
    end
    fails(place.dir, "directory")
  end)

  it("is not made by what only reads it", function()
    place:run { "--cluster", "embedded:new/c.db", "get", "namespaces" }
    cli.fails(place:run { "--cluster", "embedded:new/c.db", "get", "configmap", "a" }, 1, "not found")
    assert.is_nil(fs.list(place.dir .. "/new"))
  end)
end)
