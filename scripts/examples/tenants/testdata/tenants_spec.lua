-- What must hold for every tenant, whatever the overlays say.
local TENANTS = { "acme", "globex", "unheard-of" }

local function build(adapter, tenant)
  local manifest = assert(policy.build(adapter, {
    tenant = tenant,
    namespace = "demo",
    sandboxName = "s1",
    envSecretName = "s1-env",
    serviceAccountName = "agent",
  }))
  return manifest
end

describe("every tenant", function()
  for _, adapter in ipairs { "claude_local", "codex_local" } do
    it("pulls with the site's secret: " .. adapter, function()
      for _, tenant in ipairs(TENANTS) do
        local spec = build(adapter, tenant).spec.podTemplate.spec
        assert.equal("site-registry", spec.imagePullSecrets[1].name, tenant)
      end
    end)

    it("gets nothing of another's: " .. adapter, function()
      local plain = json.encode(build(adapter, "unheard-of"))
      assert.is_nil(plain:find("acme", 1, true))
      assert.is_nil(plain:find("globex", 1, true))
    end)
  end
end)
