-- An overlay for every adapter, and the hook, which sees the tenant.
return {
  tenant = "acme",
  namespace = "acme",
  sandboxName = "s1",
  envSecretName = "s1-env",
  serviceAccountName = "agent",
}
