-- Gemini CLI.
return adapter {
  name = "gemini_local",
  image = "ghcr.io/paperclipai/agent-runtime-gemini:v1",
  env = { "GOOGLE_API_KEY", "GEMINI_API_KEY" }, -- variables that a run may pass in, through its Secret
  egress = {
    hosts = {
      "generativelanguage.googleapis.com",
      "oauth2.googleapis.com",
      "sts.googleapis.com",
    },
  },
  resources = {
    requests = { cpu = "250m", memory = "512Mi" },
    limits = { cpu = "2", memory = "4Gi" },
  },
  labels = { ["paperclip.io/adapter"] = "gemini_local" },
  probe = { "gemini", "--version" },
}
