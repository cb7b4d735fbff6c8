-- Claude Code, for the tenants of this site.
local agents = require "agents"

return adapter {
  name = "claude_local",
  image = agents.image("claude", "1.4"),
  env = { "ANTHROPIC_API_KEY" },
  egress = { hosts = { "api.anthropic.com" } },
  resources = agents.resources(2, 4),
  labels = { ["example.com/agent"] = "claude" },
  probe = { "claude", "--version" },
}
