-- The fields of adapter and overlay files, for help and the stubs: what only they have, and those
-- of the builder that a policy may declare.
local native = require("ss.native")

local M = {}

local TYPE_OF_KIND = {
  string = "string",
  integer = "integer",
  boolean = "boolean",
  quantity = "string|number",
  ["string map"] = "table<string, string>",
  ["string list"] = "string[]",
  resources = "sandbox.Resources",
  tolerations = "table[]",
  volumes = "sandbox.Volumes",
}

-- What comes with a request, so that a policy file may not declare it; `env` means another thing in it.
local NOT_DECLARED = { namespace = true, sandboxName = true, envSecretName = true, adapterType = true, env = true }

local OWN = {
  { name = "env", type = "string[]", help = "names of variables that a run may pass in, through its Secret" },
  { name = "egress", type = "policy.Egress", help = "{hosts = {…}}: where the agent may connect to" },
  { name = "probe", type = "string[]", help = "a command that succeeds in an image that fits" },
  { name = "allow", type = "table<string, boolean|string[]>",
    help = "what an untrusted request may set: field = true, or patterns of its value" },
}

--- The builder's fields.
--- @param in_policy? boolean described as a policy treats them
--- @return { name: string, type: string, required: boolean, help: string }[]
function M.of_builder(in_policy)
  local fields = native.build_fields()
  for _, field in ipairs(fields) do
    field.type = TYPE_OF_KIND[field.kind]
    local fallback = in_policy and field.policy_fallback or not in_policy and field.fallback
    field.help = fallback and ("%s (default: %s)"):format(field.help, fallback) or field.help
  end
  return fields
end

--- What adapters and overlays may declare.
--- @return { name: string, type: string, help: string }[]
function M.declared()
  local fields = { table.unpack(OWN) }
  for _, field in ipairs(M.of_builder(true)) do
    if not NOT_DECLARED[field.name] then
      fields[#fields + 1] = { name = field.name, type = field.type, help = field.help }
    end
  end
  return fields
end

--- What only one of the two has.
M.FILES = {
  adapter = {
    file = "adapters/NAME.lua",
    help = "One kind of agent.",
    fields = {
      { name = "name", type = "string", required = true, help = "as the file is called" },
      { name = "build", type = "fun(input: policy.Input, context: policy.Context): policy.Input",
        help = "a hook that has the last word: a pure function of its input" },
    },
  },
  overlay = {
    file = "local.d/NAME.lua",
    help = "What differs at this site, or for a tenant: later names win, maps merge by key, lists replace.",
    fields = {
      { name = "adapter", type = "string", required = true, help = [[the name of an adapter, or "*" for every one]] },
      { name = "tenant", type = "string", help = "only for requests of this tenant" },
    },
  },
}

return M
