-- OpenCode, with a choice of model providers: drop the hosts and keys that are not in use.
return adapter {
  name = "opencode_local",
  image = "ghcr.io/paperclipai/agent-runtime-opencode:v1",
  env = { "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENROUTER_API_KEY" }, -- passed in through the run's Secret
  egress = {
    hosts = {
      "api.anthropic.com",
      "api.openai.com",
      "openrouter.ai",
    },
  },
  resources = {
    requests = { cpu = "250m", memory = "512Mi" },
    limits = { cpu = "2", memory = "4Gi" },
  },
  labels = { ["paperclip.io/adapter"] = "opencode_local" },
  probe = { "opencode", "--version" },
}
