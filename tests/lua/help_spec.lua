-- luacheck: read globals temp_folder
-- What help says, on the command line and at the prompt: all of it fits a terminal, and tells what is so.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()
local repl = loadfile(here .. "support/repl.lua", "t", _ENV)()
local api = require "ss.reference"
local help = require "ss.help"
local native = require "ss.native"
local topics = require "ss.topics"

local COLUMNS = 80
local LISTED = 21 -- lines of completions on a screen of 24

local function fits(text, of)
  assert.matches("%S", text, of)
  for line in text:gmatch("[^\n]+") do
    assert.is_true(utf8.len(line) <= COLUMNS, ("%s: %d columns: %s"):format(of, utf8.len(line), line))
    assert.is_nil(line:find("%s$"), of .. ": a blank at the end: " .. line)
  end
end

-- Everything that help has a text of.
local function all_names()
  local names = help.names()
  for _, module in ipairs(api.modules()) do
    for _, entry in ipairs(api.entries(module)) do
      names[#names + 1] = entry.name
    end
  end
  return names
end

describe("help", function()
  local place = cli.place(temp_folder())

  local function ask(topic)
    return assert(help.text(topic), topic)
  end

  it("fits 80 columns, whatever it is asked on", function()
    local names = all_names()
    assert.is_true(#names > 100, #names)
    for _, name in ipairs(names) do
      fits(assert(help.text(name), name), name)
    end
  end)

  it("of each command fits 80 columns on the command line", function()
    fits(cli.ok(place:run { "help" }).out, "help")
    for _, command in ipairs(native.commands()) do
      local out = cli.ok(place:run { command.name, "--help" }).out
      fits(out, command.name)
      assert.equal(out, (ask(command.name) .. "\n"):sub(1, #out), command.name)
    end
  end)

  it("on the command line is the same text", function()
    for _, name in ipairs { "build", "policy", "k8s", "k8s.apply", "P06", "topics", "errors" } do
      assert.equal(ask(name) .. "\n", cli.ok(place:run { "help", name }).out)
    end
  end)

  it("has a topic of each rule of the guard", function()
    local rules = native.guard_rules()
    assert.is_true(#rules >= 26, #rules)
    for _, rule in ipairs(rules) do
      local text = (assert(topics.text(rule.id), rule.id):gsub("%s+", " "))
      for _, part in ipairs { rule.id, rule.level, rule.summary, rule.fix } do
        assert.matches(part, text, 1, true)
      end
      assert.matches(rule.waivable and "--waive " .. rule.id or "cannot be waived", text, 1, true)
      assert.equal(topics.text(rule.id), topics.text(rule.id:lower()))
      assert.matches(rule.id, topics.text("guard"), 1, true)
    end
    assert.matches("read-only root file system", ask("P06"), 1, true)
    assert.matches("persistentVolumeClaim", ask("restrictedVolumes"), 1, true)
    assert.matches("cannot be waived", ask("malformed"), 1, true)
  end)

  it("knows the rule of whatever the guard reports", function()
    local _, err = sandbox.check {
      apiVersion = "agents.x-k8s.io/v1beta1", kind = "Sandbox", metadata = { name = "a", namespace = "b" },
      spec = { podTemplate = { spec = {
        hostNetwork = true, os = { name = "windows" }, ephemeralContainers = { { name = "e" } },
        securityContext = { runAsUser = 0, sysctls = { { name = "kernel.msgmax", value = "1" } } },
        volumes = { { name = "h", hostPath = { path = "/" } }, { name = "e", emptyDir = { sizeLimit = true } } },
        containers = { { name = "c", image = "x:1", securityContext = { privileged = true } } },
      } } },
    }
    assert.is_true(#err > 10)
    for _, violation in ipairs(err) do
      assert.is_string(topics.text(violation.rule), violation.rule)
    end
  end)

  it("says which rules an option may waive", function()
    for _, rule in ipairs(native.guard_rules()) do
      if rule.id == "malformed" or rule.id == "P06" or rule.id == "runAsUser" then
        assert.equal(rule.id ~= "malformed", rule.waivable)
        assert.equal(rule.waivable and 0 or 2, place:run({ "--waive", rule.id, "version" }).code, rule.id)
      end
    end
  end)

  it("names the version that build writes", function()
    place:write("policy/adapters/a.lua", "return adapter { name = 'a', image = 'x:1' }\n")
    local manifest = yaml.decode(cli.ok(place:run {
      "build", "a", "--policy", "policy", "--set", "namespace=n", "--set", "sandboxName=s",
      "--set", "envSecretName=e", "--set", "serviceAccountName=sa",
    }).out)
    local told = ("(default: %s)"):format(manifest.apiVersion)
    assert.matches(told, ask("build"), 1, true)
    assert.matches(told, ask("adapter"), 1, true)
    assert.matches(told, ask("overlay"), 1, true)
    assert.matches("apiVersion defaults to " .. manifest.apiVersion, ask("policy.build"):gsub("%s+", " "), 1, true)
  end)

  it("names the version that the builder alone writes", function()
    local manifest = sandbox.build {
      namespace = "n", sandboxName = "s", adapterType = "a", image = "x:1", envSecretName = "e",
      serviceAccountName = "sa",
    }
    local found
    for _, field in ipairs(native.build_fields()) do
      found = field.name == "apiVersion" and field.fallback or found
    end
    assert.equal(manifest.apiVersion, found)
    assert.matches("apiVersion defaults to " .. found, ask("sandbox.build"):gsub("%s+", " "), 1, true)
  end)

  it("of a command lists the formats that it takes, the default first", function()
    local checked = 0
    for _, command in ipairs(native.commands()) do
      local formats = place:run({ command.name, "-o", "nonsense" }).err:match("one of: ([^\n]*)")
      local row = ask(command.name):gsub("%s+", " "):match("%-%-output FORMAT (.-) %-%-log")
      assert.equal(formats ~= nil, row ~= nil, command.name)
      if formats then
        checked = checked + 1
        assert.equal(formats:match("%S+") .. " (default)", row:match("^%S+ %S+%)"))
        for format in formats:gmatch("%S+") do
          assert.matches(format, row, 1, true)
        end
      end
    end
    assert.is_true(checked >= 7, checked)
  end)

  it("tells the defaults that calls have", function()
    local function default(name, option)
      local value = api.entry(name).args:match("%f[%w]" .. option .. "=([^,}%s]+)")
      return assert(load("return " .. assert(value, name .. ": " .. option)))()
    end
    repl.cluster(temp_folder())
    local object = { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "defaults" }, data = { a = "b" } }
    for _, call in ipairs { "apply", "create" } do
      k8s.delete(object)
      assert(k8s[call](object))
      assert.equal(default("k8s." .. call, "fieldManager"), k8s.get(object).metadata.managedFields[1].manager)
    end
    assert.is_true(default("k8s.delete", "ignoreNotFound"))
    assert.is_true(k8s.delete { kind = "ConfigMap", name = "nobody" })
    assert.is_false(default("json.encode", "indent"))
    assert.equal('{"a":1}', json.encode { a = 1 })
    local list, running, most = {}, 0, 0
    for i = 1, 120 do
      list[i] = i
    end
    task.map(list, function()
      running = running + 1
      most = math.max(most, running)
      task.sleep(0)
      running = running - 1
    end)
    assert.equal(default("task.map", "width"), most)
  end)

  it("lists the fields of the configuration, and those alone are taken", function()
    local text = ask("config")
    for _, field in ipairs(native.config_fields()) do
      assert.matches("\n  " .. field.name .. " ", text, 1, true)
      local value = field.list and "{}" or ("%q"):format("policy")
      place:write(".config/sandscript/config.lua", ("return { %s = %s }\n"):format(field.name, value))
      cli.ok(place:run { "version" })
      place:write(".config/sandscript/config.lua", ("return { %s = 1 }\n"):format(field.name))
      cli.fails(place:run { "version" }, 4, field.list and "must be a list of strings" or "must be a string")
    end
    place:write(".config/sandscript/config.lua", "return {}\n")
  end)

  it("is there whatever the configuration, the kubeconfig and the policy folder are", function()
    place:write(".config/sandscript/config.lua", "return { polcy = 1 }\n")
    cli.fails(place:run { "version" }, 4, "unknown field 'polcy'")
    local env = { KUBECONFIG = "/nowhere", SANDSCRIPT_POLICY = "/nowhere" }
    for _, topic in ipairs { "config", "build", "k8s.get" } do
      assert.equal(ask(topic) .. "\n", cli.ok(place:run { "help", topic, env = env }).out)
    end
    place:write(".config/sandscript/config.lua", "return {}\n")
  end)

  it("lists the codes of errors with the exit code that each one gives", function()
    local text = ask("errors")
    local codes = native.error_codes()
    assert.is_true(#codes >= 23, #codes)
    for _, row in ipairs(codes) do
      assert.matches("\n  " .. row.code .. " ", text, 1, true)
    end
    for name, code in pairs {
      not_found = "assert(policy.get 'nothing')",
      policy = "assert(sandbox.check { kind = 'Pod' })",
      parse = "assert(json.decode '{')",
      timeout = "assert(task.timeout(0.01, task.sleep, 60))",
      config = "assert(k8s.connect { kubeconfig = '/nowhere' })",
    } do
      local want
      for _, row in ipairs(codes) do
        want = row.code == name and row.exit or want
      end
      local run = place:run { "-e", code }
      assert.equal(want, run.code, name .. ": " .. run.err)
    end
  end)

  it("lists the exit codes", function()
    local text, overview = ask("exit"), cli.ok(place:run { "help" }).out:gsub("%s+", " ")
    for _, row in ipairs(native.exit_codes()) do
      assert.matches(("\n%%s+%d +%s"):format(row.code, row.meaning:gsub("%p", "%%%0")), "\n" .. text)
      assert.matches(("%d %s"):format(row.code, row.meaning), overview, 1, true)
    end
  end)

  it("on policy reaches the command and the module", function()
    local text = ask("policy")
    assert.matches("^sandscript policy list", text)
    assert.matches("\n  policy.explain(adapter, input)", text, 1, true)
    assert.matches("`sandscript help policy.build` says more", text, 1, true)
    assert.matches("^policy.build%(adapter, input%)", ask("policy.build"))
    text = help.text("policy", true)
    assert.matches("^policy: .*%?policy.build says more.*\nsandscript policy list", text)
  end)

  it("lists all topics, and suggests", function()
    local text = ask("topics")
    for _, topic in ipairs(topics.list()) do
      assert.matches(topic.name, text, 1, true)
    end
    for _, name in ipairs { "config", "waive", "errors", "exit", "guard", "adapter", "overlay" } do
      assert.matches("\n  " .. name .. " ", text, 1, true)
    end
    for asked, near in pairs { wiave = "waive", confg = "config", restrictedVolume = "restrictedVolumes",
      erors = "errors", ["policy.bulid"] = "policy.build", biuld = "build" } do
      cli.fails(place:run { "help", asked }, 2, ("no help on '%s': did you mean '%s'?"):format(asked, near))
    end
    cli.fails(place:run { "help", "zzzzzzzz" }, 2, "`sandscript help topics` lists what there is")
  end)
end)

describe("help at the prompt", function()
  local p

  setup(function()
    repl.cluster(temp_folder())
    p = repl.new { columns = COLUMNS }
  end)

  teardown(function()
    p:close()
  end)

  it("is the same as on the command line, and fits 80 columns", function()
    for _, name in ipairs(all_names()) do
      local text = p:run(("help %q"):format(name))
      fits(text, name)
      assert.equal(help.text(name, true) .. "\n", text)
    end
    for _, line in ipairs { "help()", "?", ":help", ":help topics" } do
      fits((p:run(line)), line)
    end
    for _, command in ipairs(require("ss.repl.commands").names()) do
      fits((p:run(":help :" .. command)), command)
    end
    assert.matches("no help on 'P066': did you mean 'P0", (p:run ":help P066"), 1, true)
  end)

  it("says of locals what the prompt does", function()
    p:run "local kept_by_the_prompt = 7"
    assert.equal("7\n", (p:run "kept_by_the_prompt"))
    local text = p:run("?prompt"):gsub("%s+", " ")
    assert.matches("Variables stay, those that an input declares by `local` as well", text)
  end)

  it("is completed, each with a summary that fits beside it", function()
    local inputs = { "?|", ":help |", ":|", "help|" }
    for _, module in ipairs(api.modules()) do
      inputs[#inputs + 1] = module .. ".|"
      for _, entry in ipairs(api.entries(module)) do
        for i in ipairs(entry.params or {}) do
          inputs[#inputs + 1] = ("%s(%s{|"):format(entry.name, ("x, "):rep(i - 1))
        end
      end
    end
    local noted = 0
    for _, input in ipairs(inputs) do
      local candidates, notes = p:tab(input)
      local widest = 0
      for _, candidate in ipairs(candidates) do
        widest = math.max(widest, utf8.len(candidate))
      end
      for i in ipairs(candidates) do
        local note = notes[i] or ""
        noted = noted + (note ~= "" and 1 or 0)
        -- More than fit on the screen come without notes.
        assert.is_true(#candidates > LISTED or widest + 2 + utf8.len(note) <= COLUMNS,
          ("%s: %s: %d columns: %s"):format(input, candidates[i], widest + 2 + utf8.len(note), note))
      end
    end
    assert.is_true(noted > 200, noted)
  end)
end)
