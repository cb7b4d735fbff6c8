-- Delete a sandbox, its pod and its Secret, and wait until they are gone.
--   sandscript run scripts/release.lua NAME [--namespace NAMESPACE]
local USAGE = "usage: sandscript run scripts/release.lua NAME [--namespace NAMESPACE]"

local name, namespace = nil, "agents"
local i = 1
while arg[i] do
  if arg[i] == "--namespace" then
    i = i + 1
    namespace = arg[i] or error("option '--namespace' needs a value\n" .. USAGE, 0)
  elseif name or arg[i]:sub(1, 1) == "-" then
    error(("unexpected argument '%s'\n%s"):format(arg[i], USAGE), 0)
  else
    name = arg[i]
  end
  i = i + 1
end
if not name then
  error("which sandbox?\n" .. USAGE, 0)
end

local last, err = k8s.delete({ kind = "Sandbox", name = name, namespace = namespace }, {
  propagation = "Foreground",
  wait = true,
  ignoreNotFound = false,
})
if last then
  print(("sandbox %s deleted from namespace %s"):format(name, namespace))
elseif err.code == "not_found" and err.status == 404 then
  print(("sandbox %s was not there (namespace %s)"):format(name, namespace))
else
  error(err, 0)
end
