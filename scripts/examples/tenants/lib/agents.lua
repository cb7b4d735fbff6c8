-- What the adapters of this folder have in common.
local M = {}

local REGISTRY = "registry.example/agents"

--- @param name string
--- @param version string
function M.image(name, version)
  return ("%s/%s:%s"):format(REGISTRY, name, version)
end

--- Resources whose requests are half of the limits.
--- @param cpu integer whole CPUs
--- @param memory_gi integer
function M.resources(cpu, memory_gi)
  return {
    requests = { cpu = ("%dm"):format(cpu * 500), memory = ("%dMi"):format(memory_gi * 512) },
    limits = { cpu = tostring(cpu), memory = ("%dGi"):format(memory_gi) },
  }
end

return M
