-- Acme has its own nodes, for every adapter.
return overlay {
  adapter = "*",
  tenant = "acme",
  nodeSelector = { ["example.com/pool"] = "acme" },
  tolerations = { { key = "example.com/pool", operator = "Equal", value = "acme", effect = "NoSchedule" } },
}
