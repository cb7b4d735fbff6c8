-- OpenAI Codex, for the tenants of this site. A request may ask for a larger workspace.
local agents = require "agents"

return adapter {
  name = "codex_local",
  image = agents.image("codex", "2.0"),
  env = { "OPENAI_API_KEY" },
  egress = { hosts = { "api.openai.com" } },
  resources = agents.resources(2, 4),
  labels = { ["example.com/agent"] = "codex" },
  probe = { "codex", "--version" },
  allow = { volumes = true },
  build = function(input, context)
    input.labels["example.com/tenant"] = context.tenant or "none"
    return input
  end,
}
