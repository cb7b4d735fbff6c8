-- For every adapter and every tenant of this site.
return overlay {
  adapter = "*",
  labels = { ["example.com/site"] = "west" },
  imagePullSecrets = { "site-registry" },
}
