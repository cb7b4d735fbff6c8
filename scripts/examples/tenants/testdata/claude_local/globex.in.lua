-- Globex's image, size and runtime; its label replaces the site's.
return {
  tenant = "globex",
  namespace = "globex",
  sandboxName = "s1",
  envSecretName = "s1-env",
  serviceAccountName = "agent",
}
