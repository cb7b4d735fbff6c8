-- luacheck: read globals temp_folder
-- What every spec of the conformance suite starts with: a client of the cluster
-- under test, and a namespace of its own.
--   SS_CONFORMANCE_KUBECONFIG   the real API server; without it the embedded cluster, in a file of its own
--   SS_CONFORMANCE_IMAGE        an image that the nodes have (localhost/agent:1)
--   SS_CONFORMANCE_NODE         the node to run sandboxes on, past the scheduler
local M = {}

local function variable(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

M.real = variable "SS_CONFORMANCE_KUBECONFIG" ~= nil
M.image = variable "SS_CONFORMANCE_IMAGE" or "localhost/agent:1"
M.node = variable "SS_CONFORMANCE_NODE"

local function random_name()
  local f <close> = assert(io.open("/dev/urandom", "rb"))
  return "ss-conf-" .. f:read(5):gsub(".", function(c)
    return ("%02x"):format(c:byte())
  end)
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Code that another process runs on the cluster: one whose operator waives these rules.
local function outside(target, rules, code)
  local program = os.getenv("SANDSCRIPT") or require("lfs").symlinkattributes("/proc/self/exe", "target")
  local words = { quote(program), "-n", target.namespace }
  for _, option in ipairs { "kubeconfig", "cluster" } do
    if target[option] then
      words[#words + 1] = ("--%s %s"):format(option, quote(target[option]))
    end
  end
  for _, rule in ipairs(rules) do
    words[#words + 1] = "--waive " .. rule
  end
  words[#words + 1] = "-e " .. quote(code)
  return os.execute(table.concat(words, " ") .. " >/dev/null 2>&1")
end

--- A client whose namespace is new: {k8s = client, ns = name, close = function}, and
--- outside(rules, code), a write that the guard of another process lets pass.
function M.open()
  local ns = random_name()
  local target = M.real and { kubeconfig = variable "SS_CONFORMANCE_KUBECONFIG", namespace = ns }
    or { cluster = "embedded:" .. temp_folder() .. "/cluster.db", namespace = ns }
  local client = assert(k8s.connect(target))
  assert(client.create { apiVersion = "v1", kind = "Namespace", metadata = { name = ns } })
  assert(client.create { apiVersion = "v1", kind = "ServiceAccount", metadata = { name = "agent" } })
  return {
    k8s = client,
    ns = ns,
    outside = function(rules, code)
      assert(outside(target, rules, code))
    end,
    close = function()
      local _ = client.delete({ kind = "Namespace", name = ns })
    end,
  }
end

function M.config_map(name, data, metadata)
  local object = { apiVersion = "v1", kind = "ConfigMap", metadata = { name = name }, data = data }
  for key, value in pairs(metadata or {}) do
    object.metadata[key] = value
  end
  return object
end

function M.ref(name, kind)
  return { kind = kind or "ConfigMap", name = name }
end

--- A Sandbox of the builder; its Secret is not there unless a test makes it.
function M.sandbox(ns, name, extra)
  local input = {
    namespace = ns,
    sandboxName = name,
    adapterType = "conformance",
    image = M.image,
    nodeName = M.node,
    envSecretName = "conformance-env",
    serviceAccountName = "agent",
    resources = {
      requests = { cpu = "10m", memory = "16Mi" },
      limits = { cpu = "100m", memory = "64Mi" },
    },
  }
  for key, value in pairs(extra or {}) do
    input[key] = value
  end
  return sandbox.build(input)
end

--- nil, err with this code.
function M.fails(code, value, err)
  assert.is_nil(value)
  assert.equal(code, err.code, tostring(err))
  return err
end

return M
