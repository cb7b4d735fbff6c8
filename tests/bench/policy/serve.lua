-- serve.lua STOP NAME…: builds through every adapter without end, until the file STOP is there.
-- "NAME ID" whenever an adapter's manifest shows another id; "." after each round.
local stop = arg[1]
local request = {
  namespace = "demo",
  sandboxName = "s1",
  envSecretName = "env",
  serviceAccountName = "agent",
  labels = { run = "1" },
}
local shown = {}

while not fs.read(stop) do
  for i = 2, #arg do
    local name = arg[i]
    local id = assert(policy.build(name, request)).metadata.labels.id
    if shown[name] ~= id then
      shown[name] = id
      print(name .. " " .. id)
    end
  end
  print(".")
  task.sleep(0)
end
