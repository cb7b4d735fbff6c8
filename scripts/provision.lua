-- Provision one sandbox of an adapter and wait until it is Ready.
--   sandscript run scripts/provision.lua ADAPTER [--image IMAGE] [--name NAME] [--namespace NAMESPACE]
--                                        [--timeout SECONDS]
-- The values of the adapter's env keys are taken from this process's environment
-- and go into a Secret that is deleted together with the sandbox.
local USAGE = "usage: sandscript run scripts/provision.lua ADAPTER [--image IMAGE] [--name NAME] "
  .. "[--namespace NAMESPACE] [--timeout SECONDS]"

local function usage(message)
  error(message .. "\n" .. USAGE, 0)
end

local function parse(args)
  local options, adapter = {}, nil
  local known = { image = true, name = true, namespace = true, timeout = true }
  local i = 1
  while args[i] do
    local name, value = args[i]:match("^%-%-([%w-]+)=?(.*)$")
    if not name then
      if adapter then
        usage(("unexpected argument '%s'"):format(args[i]))
      end
      adapter = args[i]
    elseif not known[name] then
      usage(("unknown option '--%s'"):format(name))
    else
      if not args[i]:find("=", 1, true) then
        i = i + 1
        value = args[i] or usage(("option '--%s' needs a value"):format(name))
      end
      options[name] = value
    end
    i = i + 1
  end
  if options.timeout and not tonumber(options.timeout) then
    usage(("--timeout '%s' is not a number of seconds"):format(options.timeout))
  end
  return adapter or usage("which adapter?"), options
end

local function default_name(adapter)
  return ("%s-%06x"):format(adapter:gsub("_", "-"), math.random(0, 0xffffff))
end

-- What the run has made so far, undone in reverse when a later step fails.
local made = {}

local function create(object)
  local stored = assert(k8s.apply(object))
  made[#made + 1] = stored
  return stored
end

local function undo()
  for i = #made, 1, -1 do
    local _, err = k8s.delete(made[i])
    if err then
      log.error("left behind", { object = made[i].kind .. "/" .. made[i].metadata.name, cause = err.message })
    end
  end
end

-- Shared by every sandbox of the namespace, so never undone.
local function prepare_namespace(namespace)
  assert(k8s.apply {
    apiVersion = "v1",
    kind = "Namespace",
    metadata = {
      name = namespace,
      labels = {
        ["pod-security.kubernetes.io/enforce"] = "restricted",
        ["pod-security.kubernetes.io/audit"] = "restricted",
        ["pod-security.kubernetes.io/warn"] = "restricted",
      },
    },
  })
  assert(k8s.apply {
    apiVersion = "v1",
    kind = "ServiceAccount",
    metadata = { name = "agent", namespace = namespace },
    automountServiceAccountToken = false,
  })
end

local function secret_data(adapter)
  local data = {}
  for _, key in ipairs(adapter.env or {}) do
    local value = env.get(key)
    if value and value ~= "" then
      data[key] = value
    else
      log.warn("environment variable is not set: the agent will run without it", { key = key })
    end
  end
  return data
end

-- The garbage collector removes the Secret with its sandbox.
local function own(secret, owner)
  assert(k8s.patch(secret, {
    metadata = {
      ownerReferences = json.array {
        {
          apiVersion = owner.apiVersion,
          kind = owner.kind,
          name = owner.metadata.name,
          uid = owner.metadata.uid,
          controller = true,
          blockOwnerDeletion = true,
        },
      },
    },
  }))
end

local function provision(adapter, name, namespace, options)
  local declared = assert(policy.get(adapter))
  local manifest = assert(policy.build(adapter, {
    namespace = namespace,
    sandboxName = name,
    envSecretName = name .. "-env",
    serviceAccountName = "agent",
    image = options.image,
  }))
  prepare_namespace(namespace)
  local secret = create {
    apiVersion = "v1",
    kind = "Secret",
    type = "Opaque",
    metadata = { name = name .. "-env", namespace = namespace },
    stringData = secret_data(declared),
  }
  local stored = create(manifest)
  own(secret, stored)
  local ready = assert(k8s.wait(stored, {
    timeout = tonumber(options.timeout) or 60,
    progress = function(text)
      log.info("waiting", { sandbox = name, reason = text })
    end,
  }))
  return ready, declared
end

local adapter, options = parse(arg)
local name = options.name or default_name(adapter)
local namespace = options.namespace or "agents"

local ok, ready, declared = pcall(provision, adapter, name, namespace, options)
if not ok then
  undo()
  error(ready, 0)
end

print(("sandbox %s is Ready in namespace %s%s"):format(
  name,
  namespace,
  ready.status.nodeName and " on node " .. ready.status.nodeName or ""
))
if declared.egress and #declared.egress.hosts > 0 then
  print("egress declared by the adapter is not yet enforced: " .. table.concat(declared.egress.hosts, ", "))
end
print(("look:   sandscript get sandbox %s -n %s -o yaml"):format(name, namespace))
print(("delete: sandscript run scripts/release.lua %s --namespace %s"):format(name, namespace))
