-- Builds through every adapter without end, as a server of requests would, and says what the
-- builds show whenever that changes. Every version of a file carries its number in several
-- places (reload.py writes them): they must agree.
--
--   serve.lua STOP NAME…      until the file STOP is there
--
-- Lines:  NAME/TENANT ok ID LIB OVERLAY TENANT_OVERLAY    "-" where there is none
--         NAME/TENANT torn WHAT   |   NAME/TENANT failed CODE MESSAGE
--         .                       after each round; a gap between two is a pause
local stop = arg[1]
local names = table.move(arg, 2, #arg, 1, {})
local tenants = { "none", "acme" }
local last = {}

local function request(tenant)
  return {
    namespace = "demo",
    sandboxName = "s1",
    envSecretName = "env",
    serviceAccountName = "agent",
    tenant = tenant ~= "none" and tenant or nil,
  }
end

local function torn(places)
  local texts = {}
  for place, id in pairs(places) do
    texts[#texts + 1] = place .. "=" .. tostring(id)
  end
  table.sort(texts)
  return "torn " .. table.concat(texts, " ")
end

local function agree(places)
  local _, first = next(places)
  for _, id in pairs(places) do
    if id ~= first then
      return false
    end
  end
  return true
end

-- A table with the same places in every build: a missing one differs from the others.
local function read(manifest)
  local labels = manifest.metadata.labels
  local container = manifest.spec.podTemplate.spec.containers[1]
  local memory = container.resources.limits.memory:match("^1(%d+)Ki$")
  return {
    {
      image = container.image:match(":v(%d+)$") or "none",
      label = labels.id or "none",
      memory = memory or "none",
      hook = labels.hook or "none",
    },
    { label = labels.lib or "none", again = labels["lib-again"] or "none", hook = labels["lib-hook"] or "none" },
    { label = labels.overlay or "-", again = labels["overlay-again"] or "-" },
    { label = labels.tenant or "-", again = labels["tenant-again"] or "-" },
  }
end

local function describe(manifest)
  local ids = {}
  for i, places in ipairs(read(manifest)) do
    if not agree(places) then
      return torn(places)
    end
    ids[i] = select(2, next(places))
  end
  return "ok " .. table.concat(ids, " ")
end

local function look(name, tenant)
  local manifest, err = policy.build(name, request(tenant))
  local state
  if manifest then
    state = describe(manifest)
  else
    state = ("failed %s %s"):format(err.code, err.message)
  end
  local key = name .. "/" .. tenant
  if last[key] ~= state then
    last[key] = state
    print(key .. " " .. state)
  end
end

while not fs.read(stop) do
  for _ = 1, 20 do
    for _, name in ipairs(names) do
      for _, tenant in ipairs(tenants) do
        look(name, tenant)
      end
    end
    print(".")
    task.sleep(0)
  end
end
