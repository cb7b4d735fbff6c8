-- sandscript run wait.lua NAMESPACE PREFIX COUNT: waits for the objects in order
-- and prints a line as soon as each is Ready (client-go/wait.go takes the time).
for i = 0, tonumber(arg[3]) - 1 do
  assert(k8s.wait({
    kind = "Sandbox",
    apiVersion = "agents.x-k8s.io/v1beta1",
    namespace = arg[1],
    name = arg[2] .. "-" .. i,
  }, { timeout = 60 }))
  print(i)
end
