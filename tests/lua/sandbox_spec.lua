describe("sandbox", function()
  local function input(extra)
    local t = {
      namespace = "demo",
      sandboxName = "s1",
      adapterType = "claude_local",
      image = "ghcr.io/acme/agent:1",
      envSecretName = "s1-env",
      serviceAccountName = "agent",
      labels = { team = "agents" },
    }
    for key, value in pairs(extra or {}) do
      t[key] = value
    end
    return t
  end

  it("builds the manifest", function()
    local manifest = sandbox.build(input())
    assert.equal("agents.x-k8s.io/v1alpha1", manifest.apiVersion)
    assert.equal("Sandbox", manifest.kind)
    assert.same({ name = "s1", namespace = "demo", labels = { team = "agents" } }, manifest.metadata)
    local spec = manifest.spec.podTemplate.spec
    assert.is_false(spec.automountServiceAccountToken)
    assert.equal("ghcr.io/acme/agent:1", spec.containers[1].image)
    assert.same({ "ALL" }, { table.unpack(spec.containers[1].securityContext.capabilities.drop) })
    assert.same({ team = "agents", ["paperclip.io/role"] = "agent" }, manifest.spec.podTemplate.metadata.labels)
  end)

  it("encodes what it builds, byte for byte", function()
    for _, extra in ipairs {
      {},
      { labels = {} },
      { imagePullSecrets = { "a", "b" }, runtimeClassName = "gvisor" },
      { env = { B = "2", A = "1" }, annotations = { z = "1", a = "2" } },
      { tolerations = { { key = "k", operator = "Exists" } }, nodeSelector = { disk = "ssd" } },
      { activeDeadlineSeconds = 60, hostUsers = false, shutdownTime = "2026-01-02T03:04:05Z" },
    } do
      assert.equal(sandbox.encode(input(extra)), json.encode(sandbox.build(input(extra))))
    end
  end)

  it("does not change its input", function()
    local t = input { imagePullSecrets = {}, resources = { limits = { cpu = "1", memory = "1Gi" } } }
    local before = json.encode(t)
    sandbox.build(t)
    sandbox.encode(t)
    assert.equal(before, json.encode(t))
  end)

  it("takes json.null for absent", function()
    assert.equal(sandbox.encode(input()), sandbox.encode(input { runtimeClassName = json.null }))
  end)

  it("raises for bad input, at the caller, with a suggestion", function()
    local rows = {
      { { imgae = "x" }, "unknown field 'imgae': did you mean 'image'?" },
      { { image = "" }, "image" },
      { { labels = { a = 1 } }, "labels.a" },
      { { resources = { limits = { cpu = "two" } } }, "resources.limits.cpu" },
      { { image = print }, "image: a function has no JSON form" },
    }
    for _, row in ipairs(rows) do
      local line = debug.getinfo(1, "l").currentline + 2
      local ok, message = pcall(function()
        local _ = sandbox.build(input(row[1]))
      end)
      assert.is_false(ok)
      assert.matches(("sandbox_spec.lua:%d: sandbox.build: "):format(line), message, 1, true)
      assert.matches(row[2], message, 1, true)
    end
    assert.has_error(function()
      sandbox.build()
    end)
  end)

  it("passes its own output, and names what is wrong with others", function()
    assert.is_true(sandbox.check(sandbox.build(input())))
    assert.is_true(sandbox.check { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "x" } })
    local manifest = sandbox.build(input())
    manifest.spec.podTemplate.spec.hostNetwork = true
    manifest.spec.podTemplate.spec.containers[1].securityContext.runAsUser = 0
    local ok, err = sandbox.check(manifest)
    assert.is_nil(ok)
    assert.equal("policy", err.code)
    assert.equal(2, #err)
    for _, violation in ipairs(err) do
      assert.is_string(violation.path)
      assert.is_string(violation.rule)
      assert.is_string(violation.message)
      assert.is_string(violation.fix)
    end
  end)
end)
