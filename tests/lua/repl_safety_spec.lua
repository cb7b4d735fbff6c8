-- luacheck: read globals temp_folder
-- Protected contexts ask, read-only sessions do not write.
describe("a protected context", function()
  local repl = assert(loadfile("tests/lua/support/repl.lua"))()
  local APPLY = 'k8s.apply{apiVersion="v1", kind="ConfigMap", metadata={name="a"}, data={k="v"}}'
  local p

  setup(function()
    repl.cluster(temp_folder())
  end)

  local function prompt(options)
    options.protected = options.protected or { "embedded" }
    p = repl.new(options)
    return p
  end

  local function exists(name)
    return (k8s.get { kind = "ConfigMap", name = name }) ~= nil
  end

  after_each(function()
    p:close()
    assert(k8s.delete { kind = "ConfigMap", name = "a" })
    assert(k8s.delete { kind = "ConfigMap", name = "b" })
    rawset(_G, "c", nil)
  end)

  it("has a red prompt", function()
    prompt { color = true }
    assert.equal("\27[1;31membedded/default\27[0m> ", p.session:prompt())
  end)

  it("asks with object and count, and writes after a yes", function()
    prompt { answers = { "y" } }
    assert.matches("kind: ConfigMap", (p:run(APPLY)))
    assert.equal(1, #p.asked)
    assert.matches("apply 1 object %(ConfigMap a%) in the protected context embedded%? %[y/N", p.asked[1])
    assert.is_true(exists "a")
  end)

  it("asks with nothing that a terminal obeys", function()
    prompt { answers = { "n" } }
    p:run [[k8s.apply{apiVersion="v1", kind="ConfigMap", metadata={name="a\27[2J\r"}}]]
    assert.matches("ConfigMap a\\x1b[2J\\x0d)", p.asked[1], 1, true)
  end)

  it("does not write after anything else", function()
    for _, answer in ipairs { "n", "", "maybe", false } do
      prompt { answers = { answer or nil } }
      assert.matches("apply: not done in the protected context embedded, as answered %(canceled%)", (p:run(APPLY)))
      assert.is_false(exists "a")
      p:close()
    end
  end)

  it("asks for every verb that writes", function()
    assert(k8s.apply { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "b", namespace = "default" } })
    prompt {}
    p:run 'k8s.create{apiVersion="v1", kind="ConfigMap", metadata={name="a"}}'
    p:run 'k8s.patch({kind="ConfigMap", name="b"}, {data={x="y"}})'
    p:run 'k8s.delete{kind="ConfigMap", name="b"}'
    p:run 'k8s.delete{kind="ConfigMap", labelSelector="a!=b"}'
    p:run([[k8s.apply "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: why, namespace: ns}\n]]
      .. [[---\n{kind: Pod, metadata: {name: z}}"]])
    p:run 'k8s.get{kind="ConfigMap", name="b"}'
    p:run 'k8s.list{kind="ConfigMap"}'
    local heads = {}
    for i, question in ipairs(p.asked) do
      heads[i] = question:match("^(.-) in the protected")
    end
    assert.same({
      "create 1 object (ConfigMap a)",
      "patch 1 object (ConfigMap b)",
      "delete 1 object (ConfigMap b)",
      "delete 1 objects of kind ConfigMap that match 'a!=b': 1 object (ConfigMap default/b)",
      "apply 2 objects (ConfigMap ns/why, Pod z)",
    }, heads)
    assert.is_true(exists "b")
  end)

  it("lets a dry run pass", function()
    prompt {}
    assert.matches("kind: ConfigMap", (p:run("k8s.apply(" .. APPLY:match("{.*}") .. ", {dryRun=true})")))
    assert.equal(0, #p.asked)
    assert.is_false(exists "a")
  end)

  it("asks in tasks, one at a time, and once for all", function()
    prompt { answers = { "a" } }
    p:run [[return #task.map({"a", "b"}, function(name)
      return assert(k8s.apply{apiVersion="v1", kind="ConfigMap", metadata={name=name}})
    end)]]
    assert.equal(1, #p.asked)
    assert.is_true(exists "a")
    assert.is_true(exists "b")
    p:run 'k8s.delete{kind="ConfigMap", name="b"}'
    assert.equal(2, #p.asked)
    assert.is_true(exists "b")
  end)

  it("asks for clients of k8s.connect", function()
    prompt { answers = { "n" } }
    p:run 'c = k8s.connect{cluster="embedded::memory:"}'
    assert.matches("not done", (p:run((APPLY:gsub("k8s", "c")))))
    assert.equal(1, #p.asked)
  end)

  it("refuses without a terminal", function()
    prompt { tty = false }
    local text, over, code = p:run(APPLY)
    assert.matches("apply: the protected context embedded is not written to without a terminal.*%(forbidden%)", text)
    assert.same({ true, 4 }, { over, code })
    assert.is_false(exists "a")
  end)

  it("asks from the background, too", function()
    prompt { answers = { "a" } }
    p:run("task.spawn(function() task.sleep(0.02) assert(" .. APPLY .. ") end)")
    local text = ""
    for _ = 1, 500 do
      text = text .. p:taken()
      if text ~= "" then
        break
      end
      task.sleep(0.01)
    end
    assert.matches("job 1 .* failed: .*not done in the protected context", text)
    assert.matches("ConfigMap a.*%[y/N%] $", p.asked[1])
    assert.is_false(exists "a")
  end)

  it("leaves other contexts alone, and goes with the session", function()
    prompt { protected = { "prod" } }
    p:run(APPLY)
    assert.equal(0, #p.asked)
    assert.is_true(exists "a")
    p:close()
    prompt {}
    p:close()
    assert(k8s.delete { kind = "ConfigMap", name = "a" })
    assert.equal(0, #p.asked)
  end)

  it("still says what is misused, at no line of its own", function()
    prompt {}
    assert.matches("error: prompt#1:1: k8s.apply: expected an object, not a number", (p:run "local x = k8s.apply(1)"))
  end)
end)
