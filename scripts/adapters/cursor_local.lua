-- Cursor Agent. It talks to the providers of the models as well as to Cursor.
return adapter {
  name = "cursor_local",
  image = "ghcr.io/paperclipai/agent-runtime-cursor:v1",
  env = { "ANTHROPIC_API_KEY", "OPENAI_API_KEY" }, -- variables that a run may pass in, through its Secret
  egress = {
    hosts = {
      "api.anthropic.com",
      "api.openai.com",
      "cursor.com",
      "api2.cursor.sh",
    },
  },
  resources = {
    requests = { cpu = "250m", memory = "512Mi" },
    limits = { cpu = "2", memory = "4Gi" },
  },
  labels = { ["paperclip.io/adapter"] = "cursor_local" },
  probe = { "cursor-agent", "--version" },
}
