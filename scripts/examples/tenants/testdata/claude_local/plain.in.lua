-- A request of no tenant: the adapter and what the site adds.
return {
  namespace = "demo",
  sandboxName = "s1",
  envSecretName = "s1-env",
  serviceAccountName = "agent",
}
