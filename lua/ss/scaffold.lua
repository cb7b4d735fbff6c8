-- The files of a new policy folder, in the order they are written: an adapter, an overlay of a
-- tenant, and a case for each.
local ADAPTER = [[
-- One kind of agent. What its sandboxes get is declared here; an edit takes effect for the next one.
-- Try it: sandscript build my_agent --policy . --set namespace=demo --set sandboxName=s1 \
--           --set envSecretName=s1-env --set serviceAccountName=agent
return adapter {
  name = "my_agent", -- as the file is called
  image = "registry.example/my-agent:1",
  env = { "MY_AGENT_API_KEY" }, -- variables that a run may pass in, through its Secret
  egress = { hosts = { "api.example.com" } }, -- where the agent may connect to
  resources = {
    requests = { cpu = "250m", memory = "512Mi" },
    limits = { cpu = "2", memory = "4Gi" },
  },
  labels = { team = "agents" }, -- a request may add labels, but not change these
  probe = { "my-agent", "--version" }, -- a command that succeeds in an image that fits

  -- What an untrusted request may set. An operator's own (--set, a script) may set every field.
  allow = { image = { "registry.example/my-agent:*" } },

  -- The last word on every request: a function of its input alone, without I/O or a clock.
  build = function(input, context)
    if context.tenant then
      input.labels.tenant = context.tenant
    end
    return input
  end,
}
]]

local OVERLAY = [[
-- What differs for one tenant. Overlays apply in the order of their names; maps merge by key, lists
-- and single values replace. adapter = "*" is for every adapter, no tenant for every request.
return overlay {
  adapter = "my_agent",
  tenant = "acme",
  resources = {
    requests = { cpu = "1", memory = "2Gi" },
    limits = { cpu = "4", memory = "8Gi" },
  },
}
]]

local MINIMAL = [[
-- A request with what it must name, and nothing more.
return {
  namespace = "demo",
  sandboxName = "s1",
  envSecretName = "s1-env",
  serviceAccountName = "agent",
}
]]

local TENANT = [[
-- The same for the tenant of local.d/acme.lua.
return {
  tenant = "acme",
  namespace = "demo",
  sandboxName = "s1",
  envSecretName = "s1-env",
  serviceAccountName = "agent",
}
]]

local README = [[
# Policy

What sandboxes of each kind of agent get. An edit takes effect for the next sandbox.

- `adapters/NAME.lua`: one kind of agent
- `local.d/NAME.lua`: overlays, what differs for a tenant or at this site
- `lib/NAME.lua`: what several of them share, by `require "NAME"`
- `testdata/ADAPTER/CASE.in.lua`: a request; `CASE.golden.yaml` is what the policy makes of it

```sh
sandscript check .           # every problem of every file
sandscript test .            # goldens and specs, offline
sandscript test . --update   # write the goldens anew after a change that is intended, and show it
sandscript build my_agent --policy . --set namespace=demo --set sandboxName=s1 \
  --set envSecretName=s1-env --set serviceAccountName=agent
```

`export SANDSCRIPT_POLICY=$PWD` stands for `--policy .` from anywhere. `sandscript init --stubs`
writes `.sandscript/sandscript.lua`, which tells an editor about the API, anew after an upgrade.
]]

local LUARC = [[
{
  "runtime.version": "Lua 5.4",
  "workspace.library": [".sandscript"],
  "workspace.checkThirdParty": false,
  "diagnostics.globals": ["describe", "it", "pending", "before_each", "after_each", "setup", "teardown", "temp_folder"]
}
]]

local LUACHECKRC = [[
std = "lua54"
max_line_length = 120
exclude_files = { ".sandscript" }
read_globals = { %s }
files["testdata"] = { std = "+busted", read_globals = { "temp_folder" } }
]]

local EDITORCONFIG = [[
root = true

[*]
charset = utf-8
end_of_line = lf
insert_final_newline = true
trim_trailing_whitespace = true

[*.{lua,yaml,json}]
indent_style = space
indent_size = 2
]]

local function luacheckrc()
  local names = { '"adapter"', '"overlay"' }
  for i, module in ipairs(require("ss.reference").modules()) do
    names[i + 2] = ('"%s"'):format(module)
  end
  return LUACHECKRC:format(table.concat(names, ", "))
end

local M = {}

M.STUBS = ".sandscript/sandscript.lua"
M.CASES = { "testdata/my_agent/minimal.in.lua", "testdata/my_agent/acme.in.lua" }

--- @return { path: string, text: string }[]  paths are below the folder
function M.files()
  return {
    { path = "README.md", text = README },
    { path = "adapters/my_agent.lua", text = ADAPTER },
    { path = "local.d/acme.lua", text = OVERLAY },
    { path = M.CASES[1], text = MINIMAL },
    { path = M.CASES[2], text = TENANT },
    { path = ".luarc.json", text = LUARC },
    { path = ".luacheckrc", text = luacheckrc() },
    { path = ".editorconfig", text = EDITORCONFIG },
    { path = M.STUBS, text = require("ss.stubs").text() },
  }
end

return M
