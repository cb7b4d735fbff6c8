-- Claude Code. An edit takes effect for the next sandbox; `sandscript check` finds mistakes first.
return adapter {
  name = "claude_local",
  image = "ghcr.io/paperclipai/agent-runtime-claude:v1",
  env = { "ANTHROPIC_API_KEY" }, -- variables that a run may pass in, through its Secret
  egress = {
    hosts = {
      "api.anthropic.com",
      "claude.com",
      "platform.claude.com",
      "claude.ai",
      "console.anthropic.com",
    },
  },
  resources = {
    requests = { cpu = "250m", memory = "512Mi" },
    limits = { cpu = "2", memory = "4Gi" },
  },
  labels = { ["paperclip.io/adapter"] = "claude_local" },
  probe = { "claude", "--version" }, -- succeeds in an image that fits
}
