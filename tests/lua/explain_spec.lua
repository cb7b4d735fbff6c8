-- luacheck: read globals temp_folder
-- sandscript build --explain and policy.explain: every leaf of a manifest is named, and the line it
-- is named by is the one that makes it: change that line, and the leaf changes.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local SCRIPTS = assert(os.getenv("SS_SOURCE_DIR")) .. "/scripts"
local REQUEST = "namespace: demo\nsandboxName: s1\nenvSecretName: s1-env\nserviceAccountName: agent\n"

local place

-- {path = value} of the scalars and empty tables of a manifest.
local function leaves_of(value, path, out)
  out = out or {}
  if type(value) ~= "table" or next(value) == nil then
    out[path] = value
    return out
  end
  for key, member in pairs(value) do
    local step = type(key) == "number" and ("[%d]"):format(key - 1)
      or key:find("^[%a_][%w_]*$") and (path == "" and key or "." .. key) or ('["%s"]'):format(key)
    leaves_of(member, path .. step, out)
  end
  return out
end

local function run(...)
  return place:run { "--policy", "policy", "build", ... }
end


local function build(args)
  local r = run(table.unpack(args))
  if r.code ~= 0 then
    return nil, r.err
  end
  return leaves_of(yaml.decode(r.out), "")
end

local function explain(args)
  local more = table.move(args, 1, #args, 1, {})
  more[#more + 1] = "--explain"
  more[#more + 1] = "-o"
  more[#more + 1] = "json"
  return json.decode(cli.ok(run(table.unpack(more))).out)
end

local function lines_of(text)
  local lines = {}
  for line in (text .. "\n"):gmatch("(.-)\n") do
    lines[#lines + 1] = line
  end
  return lines
end

-- Values of which there are only a few; any other would not build.
local OTHER = { ["true"] = "false", ["false"] = "true", Exists = "Equal", Equal = "Exists",
  NoSchedule = "NoExecute" }

-- Another value of the same kind: the last digit raised, or a letter more.
local function another(literal)
  if OTHER[literal] then
    return OTHER[literal]
  end
  local before, digit, after = literal:match("^(.*)(%d)(%D*)$")
  if digit then
    return before .. (digit == "9" and "8" or tostring(digit + 1)) .. after
  end
  return literal .. "x"
end

-- Every line that differs from `line` in one value, or the name of a variable; other keys stay.
local function mutants(line)
  local out = {}
  local function add(from, to, text)
    out[#out + 1] = line:sub(1, from - 1) .. text .. line:sub(to + 1)
  end
  for from, body, to in line:gmatch('()"([^"]*)"()') do
    if line:sub(to, to) ~= "]" then
      add(from, to - 1, '"' .. another(body) .. '"')
    end
  end
  for from, word, to in line:gmatch("=%s*()(%f[%w]%w+%f[%W])()") do
    if tonumber(word) or word == "true" or word == "false" then
      add(from, to - 1, another(word))
    end
  end
  local target, expression = line:match("^(.- = )(.*[^,{])$") -- a statement: its value computed otherwise
  if target then
    out[#out + 1] = ('%stostring(%s) .. "x"'):format(target, expression)
  end
  for from, word, to in line:gmatch("[(,]%s*()(%d+)()") do -- arguments of a call
    add(from, to - 1, another(word))
  end
  for from, to in line:gmatch('()%f[%w_][%a_]+ = "[^"]*",?()') do -- a field less
    add(from, to - 1, "")
  end
  for from, word, to in line:gmatch("[{,]%s*()(%u+)()%s*=") do
    add(from, to - 1, word .. "X")
  end
  return out
end

-- The leaves that change when the line does, in at least one way. A mutant that does not build
-- says nothing of any leaf.
local function changed_by(file, number, args, before)
  local text = assert(fs.read(file))
  local lines, changed = lines_of(text), {}
  for _, mutant in ipairs(mutants(lines[number])) do
    local kept = lines[number]
    lines[number] = mutant
    assert(fs.write(file, table.concat(lines, "\n")))
    lines[number] = kept
    local after = build(args)
    for path, value in pairs(after and before or {}) do
      changed[path] = changed[path] or after[path] ~= value
    end
  end
  assert(fs.write(file, text))
  return changed
end

-- All leaves are named, with their values; and the lines named are right.
local function check(args)
  local before = assert(build(args))
  local named, by_line = {}, {}
  for _, leaf in ipairs(explain(args)) do
    assert.is_nil(named[leaf.path], leaf.path)
    named[leaf.path] = leaf.value
    if leaf.line then
      local at = leaf.file .. ":" .. math.tointeger(leaf.line)
      by_line[at] = by_line[at] or { file = leaf.file, line = leaf.line }
      table.insert(by_line[at], leaf.path)
    end
  end
  assert.same(before, named)
  local n = 0
  for at, paths in pairs(by_line) do
    local changed = changed_by(paths.file, paths.line, args, before)
    for _, path in ipairs(paths) do
      assert(changed[path], ("%s: changing it leaves %s as it is"):format(at, path))
      n = n + 1
    end
  end
  return n, by_line
end

describe("explain", function()
  before_each(function()
    place = cli.place(temp_folder())
    place:write("r.yaml", REQUEST)
  end)

  it("names every leaf of every shipped adapter, by the line that makes it", function()
    local names = fs.list(SCRIPTS .. "/adapters")
    assert(#names >= 6)
    for _, name in ipairs(names) do
      place:write("policy/adapters/" .. name, assert(fs.read(SCRIPTS .. "/adapters/" .. name)))
    end
    for _, name in ipairs(names) do
      local n = check { (name:gsub("%.lua$", "")), "-f", "r.yaml" }
      assert(n >= 7, name .. ": " .. n)
    end
  end)

  it("names lines of the example with overlays for two tenants", function()
    local from = SCRIPTS .. "/examples/tenants/"
    for _, folder in ipairs { "adapters", "lib", "local.d" } do
      for _, name in ipairs(fs.list(from .. folder)) do
        place:write(("policy/%s/%s"):format(folder, name), assert(fs.read(("%s%s/%s"):format(from, folder, name))))
      end
    end
    for _, adapter in ipairs { "claude_local", "codex_local" } do
      for _, tenant in ipairs { "none", "acme", "globex" } do
        local n = check { adapter, "-f", "r.yaml", "--set", "tenant=" .. tenant }
        assert(n >= 7, ("%s, %s: %d"):format(adapter, tenant, n))
      end
    end
  end)

  it("names lines of modules, overlays and hooks", function()
    place:write("policy/lib/limits.lua", 'local M = {}\nM.small = {\n  cpu = "1",\n  memory = "1Gi",\n}\nreturn M\n')
    place:write("policy/adapters/one.lua", [[
local limits = require("limits")
local team = "agents"
-- labels = { team = "nobody" }
return adapter {
  name = "one",
  image = "x.example/one:1",
  labels = {
    ["a.b/c"] = "x",
    team = team,
  },
  hostUsers = false,
  activeDeadlineSeconds = 60,
  imagePullSecrets = {
    "first",
    "second",
  },
  resources = { limits = limits.small },
  build = function(input, context)
    input.labels.tier = "gold"
    input.annotations = {
      note = "n",
      who = context.adapter .. "1",
    }
    table.insert(input.imagePullSecrets, "third")
    for i, name in ipairs(input.imagePullSecrets) do
      if name == "third" then
        input.tolerations = { { key = name .. "1", operator = "Exists" } }
      end
      input.env = { COUNT = tostring(i) .. "0" }
    end
    return input
  end,
}
]])
    place:write("policy/local.d/10-acme.lua", [[
return overlay {
  adapter = "*",
  tenant = "acme",
  image = "x.example/acme:1",
  resources = { limits = {
    memory = "2Gi" } },
  volumes = { tmp = "1Gi" },
}
]])
    check { "one", "-f", "r.yaml" }
    local n, by_line = check { "one", "-f", "r.yaml", "--set", "tenant=acme" }
    assert(n > 15, n)
    local files = {}
    for at in pairs(by_line) do
      files[at:match("([^/]+/[^/]+):%d+$")] = true
    end
    assert.same({ ["adapters/one.lua"] = true, ["lib/limits.lua"] = true, ["local.d/10-acme.lua"] = true }, files)
  end)

  it("names flags by their text, and the file of the request", function()
    place:write("policy/adapters/one.lua", 'return adapter { name = "one", image = "x.example/one:1" }\n')
    local found = {}
    for _, leaf in ipairs(explain { "one", "-f", "r.yaml", "--set", "image=x.example/one:2", "--set", "env.A=b",
      "--set", "sandboxName=s2" }) do
      found[leaf.path:match("[^.]*%.?[^.]+$")] = leaf
    end
    assert.same({ path = "spec.podTemplate.spec.containers[0].image", value = "x.example/one:2", layer = "flag",
      flag = "--set image=x.example/one:2", was = "x.example/one:1" }, found["containers[0].image"])
    assert.equal("--set env.A=b", found["env[0].name"].flag)
    assert.equal("--set sandboxName=s2", found["metadata.name"].flag)
    assert.equal("s1", found["metadata.name"].was)
    assert.equal("request", found["metadata.namespace"].layer)
    assert.equal("r.yaml", found["metadata.namespace"].file)
    assert.is_nil(found["metadata.namespace"].line)
    assert.equal("builder default", found["spec.restartPolicy"].layer)
  end)

  it("prints lines of columns, and fails as the build does", function()
    place:write("policy/adapters/one.lua", 'return adapter {\n  name = "one",\n  image = "x.example/one:1" }\n')
    local out = cli.ok(run("one", "-f", "r.yaml", "--explain")).out
    assert.matches("^PATH +VALUE +LAYER +WHERE +WAS\n", out)
    assert.matches("\nmetadata.name +s1 +request +r.yaml\n", out)
    assert.matches("%.image +x.example/one:1 +adapter +policy/adapters/one.lua:3\n", out)
    assert.is_nil(out:find(" \n", 1, true))
    assert.equal(out, run("one", "-f", "r.yaml", "--explain", "-o", "text").out)
    assert.same(json.decode(run("one", "-f", "r.yaml", "--explain", "-o", "json").out),
      yaml.decode(run("one", "-f", "r.yaml", "--explain", "-o", "yaml").out))
    cli.fails(run("one", "-f", "r.yaml", "-o", "text"), 2, "-o text is for build --explain")
    cli.fails(run("onne", "-f", "r.yaml", "--explain"), 1, "did you mean 'one'?")
    assert.matches("namespace: required field is missing", run("one", "--explain").err, 1, true)
  end)
end)

describe("policy.explain", function()
  it("gives the layer, the place and the value before, by path", function()
    place = cli.place(temp_folder())
    place:write("policy/adapters/one.lua", [[
return adapter {
  name = "one",
  image = "x.example/one:1",
  build = function(input)
    input.image = "x.example/one:2"
    return input
  end,
}
]])
    place:write("s.lua", [[
local input = { namespace = "demo", sandboxName = "s1", envSecretName = "e", serviceAccountName = "agent" }
local leaves = assert(policy.explain("one", input))
print(json.encode(leaves))
print(select(2, policy.explain("won", input)).code)
print(pcall(policy.explain, "one"))
]])
    local out = lines_of(cli.ok(place:run { "--policy", "policy", "run", "s.lua" }).out)
    local leaves = json.decode(out[1])
    local image = leaves["spec.podTemplate.spec.containers[0].image"]
    assert.matches("policy/adapters/one.lua$", image.file)
    image.file = nil
    assert.same({ layer = "hook", line = 5, was = "x.example/one:1" }, image)
    assert.same({ layer = "request", file = "s.lua", line = 2 }, leaves["metadata.name"])
    assert.same({ layer = "builder default" }, leaves.kind)
    assert.equal("not_found", out[2])
    assert.matches("^false\t.*table expected", out[3])
  end)
end)
