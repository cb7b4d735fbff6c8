-- luacheck: read globals temp_folder
-- What Tab offers, and that nothing of what is completed runs.
describe("completion", function()
  local repl = assert(loadfile("tests/lua/support/repl.lua"))()
  local p

  setup(function()
    repl.cluster(temp_folder())
    for i = 1, 3 do
      assert(k8s.apply { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "settings-" .. i } })
    end
    assert(k8s.apply { apiVersion = "v1", kind = "Namespace", metadata = { name = "agents" } })
    assert(k8s.apply { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "other", namespace = "agents" } })
  end)

  before_each(function()
    p = repl.new()
  end)

  after_each(function()
    p:close()
    for _, name in ipairs { "t", "c", "evil" } do
      rawset(_G, name, nil)
    end
  end)

  local function has(list, ...)
    local set = {}
    for _, word in ipairs(list) do
      set[word] = true
    end
    for _, word in ipairs { ... } do
      assert(set[word], ("%s is not among: %s"):format(word, table.concat(list, " ")))
    end
  end

  it("offers globals, keywords and locals", function()
    assert.same({ "k8s" }, (p:tab "k8|"))
    has((p:tab "loc|"), "local")
    assert.same({ "apple" }, (p:tab "local apple = 1 print(appl|"))
    has((p:tab "|"), "policy", "sandbox", "tutorial", "help")
  end)

  it("offers fields of modules, loaded or not", function()
    assert.same({ "apply" }, (p:tab "k8s.ap|"))
    assert.same({ "map" }, (p:tab "task.ma|"))
    assert.same({ "list" }, (p:tab "x = policy.l|"))
  end)

  it("says what it replaces", function()
    local _, _, word = p:tab "print(k8s.app|ly)"
    assert.equal("app", word)
  end)

  it("offers fields by name and by index", function()
    rawset(_G, "t", { { metadata = { name = "a", namespace = "b" } }, ["no name"] = 1, ["end"] = 2 })
    assert.same({ "name", "namespace" }, (p:tab "t[1].metadata.na|"))
    assert.same({}, (p:tab "t.|"))
    assert.same({}, (p:tab "t.nothing.|"))
    assert.same({}, (p:tab "f().|"))
  end)

  it("offers methods", function()
    has((p:tab "_VERSION:|"), "upper", "find")
    local w <close> = assert(k8s.watch { kind = "Pod" })
    rawset(_G, "t", w)
    assert.same({ "close" }, (p:tab "t:c|"))
  end)

  it("runs nothing of what it looks at", function()
    local function fail()
      error("it ran")
    end
    rawset(_G, "evil", setmetatable({ own = 1 }, {
      __index = fail, __pairs = fail, __len = fail, __tostring = fail, __eq = fail, __name = {},
    }))
    assert.same({ "own" }, (p:tab "evil.o|"))
    assert.same({}, (p:tab "evil.inner.|"))
    rawset(_G, "evil", setmetatable({}, { __metatable = "locked" }))
    assert.same({}, (p:tab "evil.x|"))
    local loop = {}
    setmetatable(loop, { __index = loop })
    rawset(_G, "evil", loop)
    assert.same({}, (p:tab "evil.x|"))
  end)

  it("offers the keys of a call's options", function()
    has((p:tab "k8s.list{|"), "kind = ", "labelSelector = ", "namespace = ")
    assert.same({ "labelSelector = " }, (p:tab "k8s.list{kind='Pod', lab|"))
    assert.same({ "fieldManager = " }, (p:tab "k8s.apply(m, {fieldM|"))
    assert.same({ "dryRun = " }, (p:tab "k8s.apply({kind='x'}, {force=true, dry|"))
    assert.same({ "sandboxName = " }, (p:tab "policy.build('claude_local', { namespace = 'x', sandboxN|"))
    local keys = p:tab "k8s.list{kind='Pod', |"
    for _, key in ipairs(keys) do
      assert.not_equal("kind = ", key)
    end
  end)

  it("offers the keys of another client's call", function()
    rawset(_G, "c", assert(k8s.connect { cluster = "embedded::memory:" }))
    assert.same({ "labelSelector = " }, (p:tab "c.list{lab|"))
  end)

  it("offers the words that an option may be", function()
    assert.same({ '"Background"', '"Foreground"', '"Orphan"' }, (p:tab "k8s.delete(x, {propagation = |"))
    assert.same({ 'Orphan"' }, (p:tab 'k8s.delete(x, {propagation = "O|'))
    assert.same({ "Orphan'" }, (p:tab "k8s.delete(x, {propagation = 'O|"))
  end)

  it("offers nothing behind a value", function()
    assert.same({}, (p:tab 'k8s.get{kind="Pod"|'))
    assert.same({}, (p:tab 'k8s.get{kind="Pod" |'))
  end)

  it("offers kinds before and after the cluster has said which", function()
    has((p:tab 'k8s.get{kind="|'), "Sandbox", "Pod")
    assert.same({ 'NetworkPolicy"' }, (p:tab_later 'k8s.get{kind="Net|'))
  end)

  it("offers namespaces and names, without waiting for them", function()
    local candidates, notes = p:tab 'k8s.get{kind="ConfigMap", name="set|'
    assert.same({}, candidates)
    assert.matches("asking for the names of ConfigMap", notes[1])
    assert.same({ "settings-1", "settings-2", "settings-3" }, (p:tab_later 'k8s.get{kind="ConfigMap", name="set|'))
    assert.same({ 'other"' }, (p:tab_later 'k8s.get{kind="cm", namespace="agents", name="|'))
    assert.same({ 'agents"' }, (p:tab_later 'k8s.list{kind="Pod", namespace="a|'))
  end)

  it("says why there are none", function()
    local _, notes = p:tab_later 'k8s.get{kind="Nonsense", name="|'
    assert.matches("no names of Nonsense", notes[1])
  end)

  it("offers adapters", function()
    assert.same({ 'claude_local"' }, (p:tab_later 'policy.build("cl|'))
    assert.same({ 'claude_local"' }, (p:tab_later 'policy.get "cl|'))
  end)

  it("offers files", function()
    local folder = temp_folder()
    fs.write(folder .. "/alpha.lua", "")
    fs.write(folder .. "/beta.lua", "")
    local candidates, _, word = p:tab(('fs.read("%s/al|'):format(folder))
    assert.same({ 'alpha.lua"' }, candidates)
    assert.equal("al", word)
    assert.same({ "alpha.lua", "beta.lua" }, (p:tab(":load " .. folder .. "/|")))
    assert.equal(folder:match("[^/]+$") .. "/", (p:tab(":load " .. folder .. "|"))[1])
  end)

  it("says a few words on functions and commands", function()
    local _, notes = p:tab "k8s.app|"
    assert.same({ "store objects by server-side apply, in dependency order" }, notes)
    _, notes = p:tab ":sav|"
    assert.same({ "this session's inputs as a script" }, notes)
  end)

  it("offers commands and their arguments", function()
    assert.same({ "context " }, (p:tab ":con|"))
    assert.same({ "rollback" }, (p:tab ":policy ro|"))
    assert.same({ "table" }, (p:tab ":out ta|"))
    assert.same({ "http" }, (p:tab ":trace |"))
    assert.same({ "off", "on" }, (p:tab ":trace http |"))
    assert.same({ "embedded" }, (p:tab_later ":context emb|"))
    assert.same({ "agents" }, (p:tab_later ":namespace ag|"))
    assert.same({ "ConfigMap" }, (p:tab_later ":watch Conf|"))
    assert.same({ "settings-1", "settings-2", "settings-3" }, (p:tab_later ":watch ConfigMap set|"))
    assert.same({ "claude_local" }, (p:tab_later ":edit clau|"))
  end)

  it("offers what help knows", function()
    assert.same({ "k8s.apply" }, (p:tab "?k8s.ap|"))
    has((p:tab "?saf|"), "safety")
    rawset(_G, "t", { deep = { er = 1 } })
    assert.same({ "deep" }, (p:tab "?t.de|"))
  end)

  it("offers nothing in comments and numbers, or far into a long text", function()
    assert.same({}, (p:tab "-- k8|"))
    assert.same({}, (p:tab "--[[ k8|"))
    assert.same({}, (p:tab "x = 12|"))
    assert.same({}, (p:tab((" "):rep(100000) .. "k8|")))
  end)

  it("stands any beginning of any text", function()
    local text = 'k8s.get({kind="Pod", name=[[x]]}, {timeout=3}) --[=[ y ]=] local t = {["a b"]=1; f{x=..."\\"q"}} '
      .. "t[1].x:y 'z' goto \xff\xfe ::a:: ]] )) }} :foo ?bar"
    for at = 1, #text do
      local start, list = p.session:complete(text, at)
      assert(start >= 0 and start <= at and type(list) == "table")
    end
    for at = 1, #text do
      p.session:complete(text:sub(at), #text - at + 1)
    end
  end)

  it("answers from 10,000 names at once", function()
    local names = {}
    for i = 1, 10000 do
      names[i] = ("box-%05d"):format(i)
    end
    local native = require "ss.native"
    local target = p.session:target()
    local cache = p.session.cache
    cache:names("Pod")
    for _, list in pairs(cache.lists) do
      list.words, list.at, list.fetching = names, native.clock() + 1000, false
    end
    assert(target)
    local before = native.clock()
    local candidates = p:tab 'k8s.get{kind="Pod", name="|'
    local took = native.clock() - before
    assert.equal(10000, #candidates)
    assert.equal("box-00001", candidates[1])
    assert.equal("box-10000", candidates[10000])
    assert.same({ 'box-04711"' }, (p:tab 'k8s.get{kind="Pod", name="box-04711|'))
    assert(took < 0.5, took) -- the sanitizers take ten times as long

    local t = {}
    for _, name in ipairs(names) do
      t[name:gsub("-", "_")] = true
    end
    rawset(_G, "t", t)
    before = native.clock()
    candidates = p:tab "t.|"
    took = native.clock() - before
    assert.equal("box_00001", candidates[1])
    assert.equal("box_10000", candidates[#candidates])
    assert(took < 0.5, took)
  end)
end)
