-- Acme's nodes, on top of what the site adds.
return {
  tenant = "acme",
  namespace = "acme",
  sandboxName = "s1",
  envSecretName = "s1-env",
  serviceAccountName = "agent",
}
