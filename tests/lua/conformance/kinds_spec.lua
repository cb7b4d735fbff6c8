-- What each kind does that provisioning writes beside pods and sandboxes: it is stored in its
-- canonical form, changed by every kind of patch, and refused where a type or a value is wrong.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
local suite = assert(loadfile(here .. "suite.lua", "t", _ENV))()
local fails = suite.fails

local RBAC = "rbac.authorization.k8s.io"

local function agent_pod()
  return {
    metadata = { labels = { app = "kinds" } },
    spec = {
      restartPolicy = "Never",
      automountServiceAccountToken = false,
      securityContext = { runAsNonRoot = true, runAsUser = 1000, seccompProfile = { type = "RuntimeDefault" } },
      containers = {
        {
          name = "once",
          image = "localhost/agent:1",
          securityContext = { allowPrivilegeEscalation = false, capabilities = { drop = { "ALL" } } },
        },
      },
    },
  }
end

--- One row a kind:
---   object     what is created, without name
---   stored     paths of what is stored, beyond what was sent
---   patch      a merge patch, and what it makes (paths)
---   applied    what another manager adds by an apply, and what it makes of both (paths)
---   contested  what another manager may not apply: a selector is owned as a whole
---   invalid    changes of the object that are refused as values: {path, value, the field named}
---   mistyped   changes that are refused as types: {path, value}
---   fixed      a merge patch that may not be
local ROWS = {
  {
    kind = "Role",
    object = {
      apiVersion = RBAC .. "/v1",
      rules = { { apiGroups = { "" }, resources = { "pods" }, verbs = { "get" } } },
    },
    stored = { ["rules.1.resources.1"] = "pods" },
    patch = { rules = { { apiGroups = { "" }, resources = { "secrets" }, verbs = { "get", "list" } } } },
    patched = { ["rules.1.verbs.2"] = "list", ["rules.2"] = json.null },
    applied = { metadata = { labels = { tier = "x" } } },
    merged = { ["metadata.labels.tier"] = "x", ["rules.1.resources.1"] = "secrets" },
    invalid = { { "rules.1.verbs", json.array {}, "rules[0].verbs" } },
    mistyped = { { "rules", "all" }, { "rules.1.verbs", "get" }, { "rules.1.resources", json.array { 1 } } },
  },
  {
    kind = "RoleBinding",
    object = {
      apiVersion = RBAC .. "/v1",
      roleRef = { kind = "Role", name = "reader" },
      subjects = { { kind = "ServiceAccount", name = "agent" }, { kind = "User", name = "jane" } },
    },
    stored = {
      ["roleRef.apiGroup"] = RBAC,
      ["subjects.1.apiGroup"] = json.null,
      ["subjects.2.apiGroup"] = RBAC,
    },
    patch = { subjects = { { kind = "Group", name = "ops" } } },
    patched = { ["subjects.1.kind"] = "Group", ["subjects.1.apiGroup"] = RBAC, ["subjects.2"] = json.null },
    applied = { roleRef = { apiGroup = RBAC, kind = "Role", name = "reader" } },
    merged = { ["roleRef.name"] = "reader", ["subjects.1.kind"] = "Group" },
    invalid = {
      { "roleRef.kind", "Deployment", "roleRef.kind" },
      { "roleRef.name", "", "roleRef.name" },
      { "roleRef.apiGroup", "apps", "roleRef.apiGroup" },
      { "subjects.1.kind", "Robot", "subjects[0].kind" },
      { "subjects.1.name", "", "subjects[0].name" },
    },
    mistyped = { { "subjects", "jane" }, { "roleRef", json.array {} }, { "roleRef.name", 7 } },
    fixed = { roleRef = { name = "writer" } },
  },
  {
    kind = "ResourceQuota",
    object = {
      apiVersion = "v1",
      spec = { hard = { ["limits.cpu"] = "1000m", ["requests.memory"] = "1024Mi", pods = 10 } },
    },
    stored = { ["spec.hard.limits%.cpu"] = "1", ["spec.hard.requests%.memory"] = "1Gi", ["spec.hard.pods"] = "10" },
    patch = { spec = { hard = { pods = json.null, ["limits.cpu"] = "1.5" } } },
    patched = { ["spec.hard.limits%.cpu"] = "1500m", ["spec.hard.pods"] = json.null },
    applied = { spec = { hard = { secrets = "5" } } },
    merged = { ["spec.hard.secrets"] = "5", ["spec.hard.limits%.cpu"] = "1500m" },
    invalid = {
      { "spec.hard.pods", "-1", "spec.hard[pods]" },
      { "spec.hard.pods", "1.5", "spec.hard[pods]" },
      { "spec.hard.un known", "1", "spec.hard" },
      { "spec.scopes", json.array { "Sometimes" }, "spec.scopes" },
    },
    mistyped = { { "spec.hard", "all" }, { "spec.hard.pods", true }, { "spec.hard.pods", "many" } },
    fixed = { spec = { scopes = json.array { "BestEffort" } } },
  },
  {
    kind = "LimitRange",
    object = {
      apiVersion = "v1",
      spec = {
        limits = {
          {
            type = "Container",
            default = { cpu = "500m", memory = "0.5Gi" },
            max = { cpu = 2 },
          },
        },
      },
    },
    stored = {
      ["spec.limits.1.default.memory"] = "512Mi",
      ["spec.limits.1.max.cpu"] = "2",
      ["spec.limits.1.default.cpu"] = "500m",
      ["spec.limits.1.defaultRequest.cpu"] = "500m",
      ["spec.limits.1.defaultRequest.memory"] = "512Mi",
    },
    patch = { spec = { limits = { { type = "Pod", max = { cpu = "4000m" } } } } },
    patched = { ["spec.limits.1.max.cpu"] = "4", ["spec.limits.2"] = json.null },
    applied = { metadata = { labels = { tier = "x" } } },
    merged = { ["metadata.labels.tier"] = "x", ["spec.limits.1.type"] = "Pod" },
    invalid = {
      { "spec.limits.1.min", { cpu = "3" }, "spec.limits[0].min[cpu]" },
      { "spec.limits.1.default.cpu", "3", "spec.limits[0].default[cpu]" },
    },
    mistyped = {
      { "spec.limits", "all" },
      { "spec.limits.1.type", 5 },
      { "spec.limits.1.max", json.array {} },
      { "spec.limits.1.max.cpu", "fast" },
    },
  },
  {
    kind = "NetworkPolicy",
    object = {
      apiVersion = "networking.k8s.io/v1",
      spec = { egress = { { ports = { { port = 443 } }, to = { { ipBlock = { cidr = "10.0.0.0/8" } } } } } },
    },
    stored = {
      ["metadata.generation"] = 1,
      ["spec.podSelector"] = {},
      ["spec.policyTypes"] = { "Ingress", "Egress" },
      ["spec.egress.1.ports.1.protocol"] = "TCP",
    },
    patch = { spec = { podSelector = { matchLabels = { app = "x" } } } },
    patched = {
      ["metadata.generation"] = 2,
      ["spec.podSelector.matchLabels.app"] = "x",
      ["spec.egress.1.ports.1.port"] = 443,
    },
    applied = { spec = { ingress = { { ports = { { port = "web", protocol = "UDP" } } } } } },
    merged = { ["spec.ingress.1.ports.1.port"] = "web", ["spec.egress.1.ports.1.port"] = 443 },
    contested = { spec = { podSelector = { matchLabels = { tier = "y" } } } },
    invalid = {
      { "spec.policyTypes", json.array { "Sideways" }, "spec.policyTypes[0]" },
      { "spec.egress.1.ports.1.port", 70000, "spec.egress[0].ports[0].port" },
      { "spec.egress.1.ports.1.protocol", "ICMP", "spec.egress[0].ports[0].protocol" },
      { "spec.egress.1.to.1.ipBlock.cidr", "10.0.0.0", "spec.egress[0].to[0].ipBlock.cidr" },
      { "spec.podSelector", { matchLabels = { app = "no spaces" } }, "spec.podSelector.matchLabels" },
    },
    mistyped = {
      { "spec.podSelector", "all" },
      { "spec.egress", "all" },
      { "spec.egress.1.ports.1.port", true },
      { "spec.policyTypes", "Egress" },
    },
  },
  {
    kind = "Job",
    object = { apiVersion = "batch/v1", spec = { suspend = true, template = agent_pod() } },
    stored = {
      ["metadata.generation"] = 1,
      ["spec.parallelism"] = 1,
      ["spec.completions"] = 1,
      ["spec.backoffLimit"] = 6,
      ["spec.completionMode"] = "NonIndexed",
      ["spec.manualSelector"] = false,
      ["spec.podReplacementPolicy"] = "TerminatingOrFailed",
      ["spec.template.spec.dnsPolicy"] = "ClusterFirst",
      ["spec.template.spec.containers.1.imagePullPolicy"] = "IfNotPresent",
    },
    patch = { spec = { ttlSecondsAfterFinished = 60, parallelism = 2 } },
    patched = { ["spec.ttlSecondsAfterFinished"] = 60, ["spec.parallelism"] = 2, ["metadata.generation"] = 2 },
    applied = { metadata = { labels = { tier = "x" } }, spec = { activeDeadlineSeconds = 30 } },
    merged = { ["spec.activeDeadlineSeconds"] = 30, ["spec.parallelism"] = 2 },
    invalid = {
      { "spec.parallelism", -1, "spec.parallelism" },
      { "spec.backoffLimit", -1, "spec.backoffLimit" },
      { "spec.completionMode", "Sometimes", "spec.completionMode" },
      { "spec.template.spec.restartPolicy", "Always", "spec.template.spec.restartPolicy" },
      { "spec.template.spec.containers.1.image", "", "spec.template.spec.containers[0].image" },
    },
    mistyped = {
      { "spec.parallelism", "two" },
      { "spec.suspend", "yes" },
      { "spec.selector", "all" },
      { "spec.template.spec.containers.1.name", 5 },
    },
    fixed = { spec = { completions = 9 } },
  },
}

local function steps(path)
  local found = {}
  for step in path:gmatch "[^.]+" do
    found[#found + 1] = math.tointeger(tonumber(step)) or (step:gsub("%%", "."))
  end
  return found
end

-- `%.` in a path is a dot of the key.
local function split(path)
  return steps((path:gsub("%%%.", "%%")))
end

local function at(object, path)
  for _, step in ipairs(split(path)) do
    object = type(object) == "table" and object[step] or nil
  end
  return object
end

local function put(object, path, value)
  local all = split(path)
  for i = 1, #all - 1 do
    object = object[all[i]]
  end
  object[all[#all]] = value
end

local function copy(value)
  return json.decode(json.encode(value))
end

local function named(row, name)
  local object = copy(row.object)
  object.kind = row.kind
  object.metadata = object.metadata or {}
  object.metadata.name = name
  return object
end

local function own_entry(client, object)
  for _, entry in ipairs(assert(client.get(object)).metadata.managedFields) do
    if entry.manager == "sandscript" then
      return entry
    end
  end
end

local function shows(object, wanted)
  for path, value in pairs(wanted) do
    local found = at(object, path)
    if value == json.null then
      assert.is_nil(found, path)
    elseif value == false then
      -- What is off by default may be left out.
      assert.is_true(found == false or found == nil, path)
    else
      assert.same(value, found, path)
    end
  end
end

for _, row in ipairs(ROWS) do
  local kind = row.kind
  describe(kind, function()
    local cluster, client

    setup(function()
      cluster = suite.open()
      client = cluster.k8s
    end)
    teardown(function()
      if cluster then
        cluster.close()
      end
    end)

    it("is stored in canonical form, read back as answered, and deleted", function()
      local stored = assert(client.create(named(row, "one")))
      shows(stored, row.stored)
      stored = assert(client.get { kind = kind, name = "one" })
      shows(stored, row.stored)
      assert.equal(1, #assert(client.list { kind = kind, fieldSelector = "metadata.name=one" }))
      assert(client.delete({ kind = kind, name = "one" }, { wait = true, propagation = "Background" }))
      fails("not_found", client.get { kind = kind, name = "one" })
    end)

    it("is changed by patches, and by another manager's apply", function()
      assert(client.create(named(row, "two")))
      shows(assert(client.patch({ kind = kind, name = "two" }, row.patch)), row.patched)
      local labels = { op = "add", path = "/metadata/labels", value = { by = "operation" } }
      local stored = assert(client.patch({ kind = kind, name = "two" }, { labels }, { type = "json" }))
      assert.equal("operation", stored.metadata.labels.by)
      local part = copy(row.applied)
      part.apiVersion, part.kind = row.object.apiVersion, kind
      stored = assert(client.patch({ kind = kind, name = "two" }, part, { type = "apply", fieldManager = "other" }))
      shows(stored, row.merged)
      assert.equal("operation", stored.metadata.labels.by)
      if row.contested then
        part = copy(row.contested)
        part.apiVersion, part.kind = row.object.apiVersion, kind
        fails("conflict", client.patch({ kind = kind, name = "two" }, part, { type = "apply", fieldManager = "third" }))
      end
    end)

    it("is applied again without a change", function()
      local first = assert(client.apply(named(row, "again")))
      shows(first, row.stored)
      -- A controller may write the status in between.
      local entry = own_entry(client, first)
      assert.is_table(entry)
      assert(client.apply(named(row, "again")))
      assert.same(entry, own_entry(client, first))
    end)

    it("is refused where a value is wrong, with the field", function()
      for i, change in ipairs(row.invalid) do
        local object = named(row, "invalid" .. i)
        put(object, change[1], change[2])
        local stored, err = client.create(object)
        assert.is_nil(stored, change[1])
        assert.equal("invalid", err.code, change[1] .. ": " .. tostring(err))
        assert.equal(422, err.status, change[1])
        local fields = {}
        for at_cause, cause in ipairs(err.causes) do
          fields[at_cause] = cause.field
        end
        assert.matches(change[3], table.concat(fields, " "), 1, true)
      end
    end)

    it("is refused where a type is wrong", function()
      for i, change in ipairs(row.mistyped) do
        local object = named(row, "mistyped" .. i)
        put(object, change[1], change[2])
        local stored, err = client.create(object)
        assert.is_nil(stored, change[1])
        assert.equal("invalid", err.code, change[1] .. ": " .. tostring(err))
        assert.equal(400, err.status, change[1] .. ": " .. tostring(err))
        fails("not_found", client.get { kind = kind, name = object.metadata.name })
      end
    end)

    it("loses fields that it does not have, told as a warning or an error", function()
      local object = named(row, "strict")
      object.sepc = { a = 1 }
      fails("invalid", client.apply(object))
    end)

    if row.fixed then
      it("keeps what may not change", function()
        assert(client.create(named(row, "fixed")))
        fails("invalid", client.patch({ kind = kind, name = "fixed" }, row.fixed))
      end)
    end
  end)
end

describe("a Job", function()
  it("whose parallelism alone is said is a queue of work: nothing is completed by number", function()
    local cluster = suite.open()
    local job = named(ROWS[#ROWS], "queue")
    job.spec.parallelism = 3
    local stored = assert(cluster.k8s.create(job))
    cluster.close()
    assert.equal(3, stored.spec.parallelism)
    assert.is_nil(stored.spec.completions)
  end)
end)
