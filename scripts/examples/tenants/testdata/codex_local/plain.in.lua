-- A request of no tenant; the hook says so in a label.
return {
  namespace = "demo",
  sandboxName = "s1",
  envSecretName = "s1-env",
  serviceAccountName = "agent",
}
