-- Pi, the smallest of the agents.
return adapter {
  name = "pi_local",
  image = "ghcr.io/paperclipai/agent-runtime-pi:v1",
  env = { "ANTHROPIC_API_KEY" }, -- variables that a run may pass in, through its Secret
  egress = { hosts = { "api.anthropic.com" } },
  resources = {
    requests = { cpu = "250m", memory = "256Mi" },
    limits = { cpu = "1", memory = "2Gi" },
  },
  labels = { ["paperclip.io/adapter"] = "pi_local" },
  probe = { "pi", "--version" },
}
