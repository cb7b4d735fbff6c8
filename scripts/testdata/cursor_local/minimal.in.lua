-- What every request names; all else is the adapter's.
return {
  namespace = "demo",
  sandboxName = "s1",
  envSecretName = "s1-env",
  serviceAccountName = "agent",
}
