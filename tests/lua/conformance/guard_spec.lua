-- The guard judges what a write makes of the stored object, not only what is sent.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
local suite = assert(loadfile(here .. "suite.lua", "t", _ENV))()
local fails = suite.fails

describe("the guard", function()
  local cluster, client

  setup(function()
    cluster = suite.open()
    client = cluster.k8s
  end)
  teardown(function()
    if cluster then
      cluster.close()
    end
  end)

  local function agent_pod(name, labels)
    local manifest = suite.sandbox(cluster.ns, name)
    local template = manifest.spec.podTemplate
    return {
      apiVersion = "v1",
      kind = "Pod",
      metadata = { name = name, labels = labels or { ["paperclip.io/role"] = "agent" } },
      spec = template.spec,
    }
  end

  local function has(err, rule, path)
    for _, violation in ipairs(err) do
      if violation.rule == rule and (not path or violation.path:find(path, 1, true)) then
        return
      end
    end
    error("no " .. rule .. " in " .. tostring(err))
  end

  local debugger = {
    name = "debug",
    image = suite.image,
    securityContext = {
      allowPrivilegeEscalation = false,
      runAsNonRoot = true,
      capabilities = { drop = { "ALL" } },
      seccompProfile = { type = "RuntimeDefault" },
    },
  }

  it("lets no pod leave the agent profile", function()
    local pod = assert(client.create(agent_pod "leaves"))
    local gone = { metadata = { labels = { ["paperclip.io/role"] = json.null } } }
    has(fails("policy", client.patch(pod, gone)), "agentProfile", "paperclip.io/role")
    has(fails("policy", client.patch(pod, { metadata = { labels = json.null } })), "agentProfile")
    local removed = { { op = "remove", path = "/metadata/labels/paperclip.io~1role" } }
    has(fails("policy", client.patch(pod, removed, { type = "json" })), "agentProfile")
    if suite.real then
      local with = { spec = { ephemeralContainers = { debugger } } }
      has(fails("policy", client.patch(pod, with, { subresource = "ephemeralcontainers" })), "P18")
    end
    local now = assert(client.get(pod))
    assert.equal("agent", now.metadata.labels["paperclip.io/role"])
    -- By an apply that owns the label, too.
    local applied = assert(client.apply(agent_pod "leaves-by-apply"))
    has(fails("policy", client.apply(agent_pod("leaves-by-apply", { a = "b" }))), "agentProfile")
    assert(client.delete(pod))
    assert(client.delete(applied))
  end)

  it("needs a waiver to let one leave", function()
    local pod = assert(client.create(agent_pod "waived"))
    cluster.outside({ "agentProfile" }, [[
      assert(k8s.patch({kind="Pod", name="waived"}, {metadata={labels={["paperclip.io/role"]=json.null}}}))]])
    assert.is_nil((assert(client.get(pod)).metadata.labels or {})["paperclip.io/role"])
    assert(client.delete(pod))
  end)

  it("reports what another manager left in an applied Sandbox", function()
    local manifest = suite.sandbox(cluster.ns, "merged")
    assert(client.apply(manifest))
    cluster.outside({ "hostNamespaces" }, [[
      assert(k8s.patch({kind="Sandbox", name="merged"}, {spec={podTemplate={spec={hostNetwork=true}}}}))]])
    local err = fails("policy", client.apply(manifest))
    has(err, "hostNamespaces", "spec.podTemplate.spec.hostNetwork")
    assert.truthy(tostring(err):find("what others set", 1, true))
    -- What is said about the field is in force.
    manifest.spec.podTemplate.spec.hostNetwork = false
    local fixed = assert(client.apply(manifest, { force = true }))
    assert.is_not_true(fixed.spec.podTemplate.spec.hostNetwork)
    assert(client.delete(manifest))
  end)

  it("holds nothing against a patch that it does not touch", function()
    local name = "controllers"
    cluster.outside({ "P19" }, ([[
      local m = sandbox.build{namespace=%q, sandboxName=%q, adapterType="x", image=%q, envSecretName="e",
        serviceAccountName="agent"}
      local labels = {["paperclip.io/role"]="agent", ["agents.x-k8s.io/sandbox-name-hash"]="h"}
      assert(k8s.create{apiVersion="v1", kind="Pod", metadata={name=%q, labels=labels},
        spec=m.spec.podTemplate.spec})]]):format(cluster.ns, name, suite.image, name))
    local pod = { kind = "Pod", name = name }
    assert(client.patch(pod, { metadata = { annotations = { ["note.example.com/a"] = "b" } } }))
    assert(client.patch(pod, { spec = { activeDeadlineSeconds = 3600 } }))
    assert(client.patch(pod, { { op = "add", path = "/metadata/labels", value = {
      ["paperclip.io/role"] = "agent", ["agents.x-k8s.io/sandbox-name-hash"] = "h", more = "x",
    } } }, { type = "json" }))
    local other = { metadata = { labels = { ["agents.x-k8s.io/sandbox-name-hash"] = "stolen" } } }
    has(fails("policy", client.patch(pod, other)), "P19")
    assert(client.delete(pod))
  end)

  it("keeps the controller's labels off every pod", function()
    local pod = agent_pod("labelled", { ["agents.x-k8s.io/sandbox-name-hash"] = "h" })
    has(fails("policy", client.create(pod)), "P19", "sandbox-name-hash")
    has(fails("policy", client.apply(pod)), "P19", "sandbox-name-hash")
    local claim = {
      apiVersion = "extensions.agents.x-k8s.io/v1beta1",
      kind = "SandboxClaim",
      metadata = { name = "claim" },
      spec = { warmPoolRef = { name = "pool" }, additionalPodMetadata = {
        labels = { ["agents.x-k8s.io/sandbox-name-hash"] = "h" },
      } },
    }
    has(fails("policy", client.apply(claim)), "P19", "spec.additionalPodMetadata.labels")
  end)

  it("knows a PodSpec in a kind that it does not know", function()
    local err = fails("policy", client.apply {
      apiVersion = "argoproj.io/v1alpha1",
      kind = "Workflow",
      metadata = { name = "w" },
      spec = { templates = { { name = "m", container = {
        image = suite.image, securityContext = { privileged = true },
      } } } },
    })
    has(err, "privileged", "spec.templates[0].container")
  end)
end)
