-- OpenAI Codex.
return adapter {
  name = "codex_local",
  image = "ghcr.io/paperclipai/agent-runtime-codex:v1",
  env = { "OPENAI_API_KEY" }, -- variables that a run may pass in, through its Secret
  egress = {
    hosts = {
      "api.openai.com",
      "auth.openai.com",
      "chatgpt.com",
      "platform.openai.com",
      "oaistatic.com",
    },
  },
  resources = {
    requests = { cpu = "250m", memory = "512Mi" },
    limits = { cpu = "2", memory = "4Gi" },
  },
  labels = { ["paperclip.io/adapter"] = "codex_local" },
  probe = { "codex", "--version" },
}
