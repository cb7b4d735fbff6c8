-- Provision one sandbox of an adapter and wait until it is Ready.
--   sandscript run scripts/provision.lua ADAPTER [--image IMAGE] [--name NAME] [--namespace NAMESPACE]
--                                        [--timeout SECONDS]
-- The values of the adapter's env keys are taken from this process's environment
-- and go into a Secret that is deleted together with the sandbox. The namespace (its Pod
-- Security labels) and the service account "agent" are made, or changed where they are not as
-- they must be, which is said. When a step fails,
-- what this run has created is deleted again; what was there before is kept. Run again
-- with the same --name, it updates the objects and waits.
local USAGE = "usage: sandscript run scripts/provision.lua ADAPTER [--image IMAGE] [--name NAME] "
  .. "[--namespace NAMESPACE] [--timeout SECONDS]"

local KNOWN = { image = true, name = true, namespace = true, timeout = true }

-- adapter, options | nil, what is wrong
local function parse(args)
  local options, adapter = {}, nil
  local i = 1
  while args[i] do
    local name, value = args[i]:match("^%-%-([%w-]+)=?(.*)$")
    if not name and adapter then
      return nil, ("unexpected argument '%s'"):format(args[i])
    elseif not name then
      adapter = args[i]
    elseif not KNOWN[name] then
      return nil, ("unknown option '--%s'"):format(name)
    else
      if not args[i]:find("=", 1, true) then
        i = i + 1
        value = args[i]
      end
      if not value or value == "" then
        return nil, ("option '--%s' needs a value"):format(name)
      end
      options[name] = value
    end
    i = i + 1
  end
  local seconds = tonumber(options.timeout or 60)
  if not seconds or seconds <= 0 then
    return nil, ("--timeout '%s' is not a number of seconds above 0"):format(options.timeout)
  end
  options.seconds = seconds
  return adapter, adapter and options or "which adapter?"
end

local function default_name(adapter)
  return ("%s-%06x"):format(adapter:gsub("_", "-"), math.random(0, 0xffffff))
end

-- What this run has made, undone in reverse when a later step fails. What was there
-- before is never in it.
local made = {}

local function describe(object)
  return ("%s/%s"):format(object.kind:lower(), object.metadata.name)
end

-- The stored object, and "created", "configured" or "unchanged".
local function put(object)
  local diff = assert(k8s.diff(object))
  if not diff.exists then
    -- Noted before it is made: Ctrl-C may come between the request and its answer.
    made[#made + 1] = object
  end
  local stored = assert(k8s.apply(object))
  local verb = diff.same and "unchanged" or "configured"
  if not diff.exists then
    verb = "created"
    made[#made] = stored
  end
  print(("%s %s in namespace %s"):format(describe(stored), verb, stored.metadata.namespace))
  return stored, verb
end

local function undo()
  for i = #made, 1, -1 do
    local object = made[i]
    local _, err = k8s.delete(object, { uid = object.metadata.uid })
    if err then
      log.error("left behind: delete it by hand", { object = describe(object), cause = err.message })
    else
      log.info("undone", { object = describe(object) })
    end
  end
end

-- What an object must get to be as wanted, as lines "path: is → must be".
local function differences(wanted, live, path, found)
  for key, value in pairs(wanted) do
    local there
    if type(live) == "table" then
      there = live[key]
    end
    local at = path == "" and key or path .. "." .. key
    if type(value) == "table" then
      differences(value, there, at, found)
    elseif there ~= value then
      found[#found + 1] = ("%s: %s → %s"):format(at, there == nil and "unset" or tostring(there), tostring(value))
    end
  end
  table.sort(found)
  return found
end

-- What all sandboxes of the namespace share is never undone, and written only where it is not as it
-- must be: whoever may not write it can work in a namespace that was prepared for them.
local function ensure(object)
  local what = describe(object)
  local live, err = k8s.get(object)
  if err and err.code == "forbidden" then
    log.warn("may not be read, and is taken to be as it must be", { object = what, cause = err.message })
    return
  elseif err and err.code ~= "not_found" then
    error(err)
  end
  local differs = live and table.concat(differences(object, live, "", {}), ", ")
  if differs == "" then
    print(what .. " unchanged")
    return
  end
  local stored
  stored, err = k8s.apply(object)
  if not stored then
    if err.code == "forbidden" then
      err.message = ("%s %s, and this user may not change that: %s"):format(what,
        differs and "is not as it must be (" .. differs .. ")" or "is not there", err.message)
    end
    error(err)
  end
  print(differs and ("%s configured: %s"):format(what, differs) or what .. " created")
end

local function prepare_namespace(namespace)
  ensure {
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
  }
  ensure {
    apiVersion = "v1",
    kind = "ServiceAccount",
    metadata = { name = "agent", namespace = namespace },
    automountServiceAccountToken = false,
  }
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
  local secret = put {
    apiVersion = "v1",
    kind = "Secret",
    type = "Opaque",
    metadata = { name = name .. "-env", namespace = namespace },
    stringData = secret_data(declared),
  }
  local stored, verb = put(manifest)
  own(secret, stored)
  if verb ~= "created" then
    log.warn("the sandbox was there: its pod keeps what it was started with; release it first to start anew", {
      sandbox = name,
    })
  end
  local ready = assert(k8s.wait(stored, {
    timeout = options.seconds,
    progress = function(text)
      log.info("waiting", { sandbox = name, reason = text })
    end,
  }))
  return ready, declared
end

local adapter, options = parse(arg)
if not adapter then
  error(options .. "\n" .. USAGE, 0)
end
local name = options.name or default_name(adapter)
local namespace = options.namespace or "agents"

local ok, ready, declared = pcall(provision, adapter, name, namespace, options)
if not ok then
  -- In a task of its own: after Ctrl-C this one can wait for nothing any more.
  task.spawn(undo)
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
