-- luacheck: read globals temp_folder
-- The policy module over scripts/ of this tree.
describe("policy", function()
  local function request(extra)
    local t = { namespace = "demo", sandboxName = "s1", envSecretName = "s1-env", serviceAccountName = "agent" }
    for key, value in pairs(extra or {}) do
      t[key] = value
    end
    return t
  end

  it("lists the adapters", function()
    local list, state = policy.list()
    local names = {}
    for i, adapter in ipairs(assert(list)) do
      names[i] = adapter.name
      assert.matches("adapters/" .. adapter.name .. "%.lua$", adapter.file)
      assert.matches("^%x+$", adapter.sha256)
      assert.equal(64, #adapter.sha256)
      assert.is_table(adapter.hooks)
    end
    assert.same({ "claude_local", "codex_local", "cursor_local", "gemini_local", "opencode_local", "pi_local" }, names)
    assert.equal(1, state.generation)
    assert.same(0, #state.failed)
  end)

  it("gets what an adapter declares", function()
    local adapter = assert(policy.get "gemini_local")
    assert.equal("gemini_local", adapter.name)
    assert.same({ "GOOGLE_API_KEY", "GEMINI_API_KEY" }, { table.unpack(adapter.env) })
    assert.is_string(adapter.image)
    assert.is_string(adapter.sha256)
    local _, err = policy.get "gemini-local"
    assert.equal("not_found", err.code)
    assert.matches("did you mean 'gemini_local'?", err.message, 1, true)
  end)

  it("builds a manifest that the guard passes, and says from what", function()
    local manifest, origin = assert(policy.build("claude_local", request()))
    assert.equal("agents.x-k8s.io/v1beta1", manifest.apiVersion)
    assert.is_true(sandbox.check(manifest))
    assert.equal(1, origin.generation)
    assert.equal(assert(policy.get "claude_local").sha256, origin.sha256)
    assert.is_nil(manifest.metadata.annotations)
  end)

  it("lets a script set every field, and not lose the policy's labels", function()
    local manifest = assert(policy.build("claude_local", request {
      image = "localhost/agent:1",
      labels = { run = "7", ["paperclip.io/adapter"] = "other" },
      apiVersion = "agents.x-k8s.io/v1alpha1",
    }))
    assert.equal("agents.x-k8s.io/v1alpha1", manifest.apiVersion)
    assert.equal("localhost/agent:1", manifest.spec.podTemplate.spec.containers[1].image)
    assert.same({ run = "7", ["paperclip.io/adapter"] = "claude_local" }, manifest.metadata.labels)
  end)

  it("does not change its input", function()
    local input = request { labels = { a = "b" }, imagePullSecrets = {} }
    local before = json.encode(input)
    assert(policy.build("claude_local", input))
    assert.equal(before, json.encode(input))
  end)

  it("gives equal bytes for equal inputs", function()
    local first = json.encode((assert(policy.build("pi_local", request()))))
    for _ = 1, 20 do
      assert.equal(first, json.encode((assert(policy.build("pi_local", request())))))
    end
  end)

  it("returns what is wrong with a request", function()
    local rows = {
      { "claude_local", { imgae = "x" }, "invalid", "unknown field 'imgae': did you mean 'image'?" },
      { "claude_local", { image = "" }, "invalid", "image" },
      { "claude_local", { nodeSelector = 1 }, "invalid", "nodeSelector" },
      { "claude_locl", {}, "not_found", "did you mean 'claude_local'?" },
      { "claude_local", { labels = { ["agents.x-k8s.io/x"] = "y" } }, "policy", "agents.x-k8s.io/x" },
    }
    for _, row in ipairs(rows) do
      local manifest, err = policy.build(row[1], request(row[2]))
      assert.is_nil(manifest)
      assert.equal(row[3], err.code, err.message)
      assert.matches(row[4], err.message, 1, true)
    end
    assert.has_error(function()
      policy.build("claude_local")
    end)
    assert.has_error(function()
      policy.build({}, {})
    end)
  end)

  describe("on a cluster", function()
    local client

    setup(function()
      client = assert(k8s.connect { cluster = "embedded:" .. temp_folder() .. "/cluster.db", namespace = "demo" })
      assert(client.apply {
        { apiVersion = "v1", kind = "Namespace", metadata = { name = "demo" } },
        { apiVersion = "v1", kind = "ServiceAccount", metadata = { name = "agent" } },
        { apiVersion = "v1", kind = "Secret", metadata = { name = "s1-env" } },
      })
    end)

    it("writes where a manifest came from when it is sent, and only then", function()
      local manifest, origin = assert(policy.build("claude_local", request()))
      local stored = assert(client.apply(manifest))
      assert.equal(origin.sha256, stored.metadata.annotations["sandscript.dev/policy"])
      assert.is_nil(manifest.metadata.annotations)
      assert.is_true(assert(client.diff(manifest)).same)
      assert(client.delete(stored, { wait = true }))
      stored = assert(client.create(manifest))
      assert.equal(origin.sha256, stored.metadata.annotations["sandscript.dev/policy"])
      assert(client.delete(stored))
    end)

    it("becomes Ready", function()
      local manifest = assert(policy.build("codex_local", request()))
      local ready = assert(client.wait(assert(client.apply(manifest)), { timeout = 30 }))
      assert(client.delete(ready, { propagation = "Foreground", wait = true }))
    end)
  end)
end)
