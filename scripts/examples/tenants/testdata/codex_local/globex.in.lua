-- No overlay of this tenant is for this adapter: only the hook sees it.
return {
  tenant = "globex",
  namespace = "globex",
  sandboxName = "s1",
  envSecretName = "s1-env",
  serviceAccountName = "agent",
}
