local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
local suite = assert(loadfile(here .. "suite.lua", "t", _ENV))()
local config_map, ref, fails = suite.config_map, suite.ref, suite.fails

describe("objects", function()
  local cluster, client

  setup(function()
    cluster = suite.open()
    client = cluster.k8s
  end)
  teardown(function()
    if cluster then
      cluster.close()
    end
  end)

  it("are stored with what the server adds", function()
    local stored = assert(client.create(config_map("one", { a = "1" }, { labels = { app = "x" } })))
    assert.equal("ConfigMap", stored.kind)
    assert.equal("v1", stored.apiVersion)
    assert.equal(cluster.ns, stored.metadata.namespace)
    assert.is_string(stored.metadata.uid)
    assert.is_string(stored.metadata.resourceVersion)
    assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$", stored.metadata.creationTimestamp)
    assert.same({ a = "1" }, stored.data)
    assert.same(stored, client.get(ref "one"))
    assert.same(stored, client.get(stored))
  end)

  it("exist once by name", function()
    assert(client.create(config_map "twice"))
    local err = fails("already_exists", client.create(config_map "twice"))
    assert.equal(409, err.status)
    assert.equal("AlreadyExists", err.reason)
    assert.is_false(err.retryable)
    assert.matches("twice", tostring(err))
  end)

  it("that are not there are not found", function()
    local err = fails("not_found", client.get(ref "nowhere"))
    assert.equal(404, err.status)
    assert.equal("NotFound", err.reason)
    assert.equal("get", err.op)
    assert.matches("nowhere", err.object)
  end)

  it("of a kind that is not served are not found, by name", function()
    local err = fails("not_found", client.get { kind = "Unicorn", name = "u" })
    assert.matches("Unicorn", err.message)
    fails("not_found", client.create { apiVersion = "example.com/v1", kind = "Unicorn", metadata = { name = "u" } })
  end)

  it("need a namespace that is there", function()
    fails("not_found", client.create(config_map("lost", nil, { namespace = cluster.ns .. "-none" })))
  end)

  it("get a name from generateName", function()
    local a = assert(client.create { apiVersion = "v1", kind = "ConfigMap", metadata = { generateName = "gen-" } })
    local b = assert(client.create { apiVersion = "v1", kind = "ConfigMap", metadata = { generateName = "gen-" } })
    assert.matches("^gen%-%w+$", a.metadata.name)
    assert.not_equal(a.metadata.name, b.metadata.name)
  end)

  it("with a malformed name are refused, with the field", function()
    local err = fails("invalid", client.create(config_map "Bad_Name"))
    assert.equal(422, err.status)
    assert.equal("metadata.name", err.causes[1].field)
  end)

  it("with a malformed label are refused, with the field", function()
    local err = fails("invalid", client.create(config_map("label", nil, { labels = { app = "no spaces" } })))
    assert.matches("metadata.labels", err.causes[1].field, 1, true)
  end)

  it("keep int64, null-free data and empty lists", function()
    local quota = assert(client.create {
      apiVersion = "v1",
      kind = "ConfigMap",
      metadata = { name = "exact", annotations = { big = "9007199254740993" } },
      data = {},
    })
    assert.equal("9007199254740993", quota.metadata.annotations.big)
  end)

  it("of kind Secret take stringData and keep data", function()
    local stored = assert(client.create {
      apiVersion = "v1",
      kind = "Secret",
      metadata = { name = "secret" },
      stringData = { KEY = "value" },
      data = { OLD = "b2xk" },
    })
    assert.same({ KEY = "dmFsdWU=", OLD = "b2xk" }, stored.data)
    assert.is_nil(stored.stringData)
    assert.equal("Opaque", stored.type)
  end)

  it("are not stored by a dry run", function()
    local stored = assert(client.create(config_map("dry", { a = "1" }), { dryRun = true }))
    assert.equal("dry", stored.metadata.name)
    fails("not_found", client.get(ref "dry"))
  end)

  it("are written by the field manager named", function()
    local stored = assert(client.create(config_map("managed", { a = "1" }), { fieldManager = "me" }))
    assert.equal("me", stored.metadata.managedFields[1].manager)
    stored = assert(client.create(config_map("managed2", { a = "1" })))
    assert.equal("sandscript", stored.metadata.managedFields[1].manager)
  end)

  it("can be named by any name of their kind", function()
    assert(client.create(config_map "aliases"))
    for _, kind in ipairs { "ConfigMap", "configmap", "configmaps", "cm" } do
      assert.equal("aliases", assert(client.get { kind = kind, name = "aliases" }).metadata.name)
    end
  end)

  it("of cluster scope have no namespace", function()
    local stored = assert(client.get { kind = "Namespace", name = cluster.ns })
    assert.is_nil(stored.metadata.namespace)
    assert.equal("Active", stored.status.phase)
  end)
end)

describe("lists", function()
  local cluster, client

  local function names(list)
    local found = {}
    for i, object in ipairs(list) do
      found[i] = object.metadata.name
    end
    table.sort(found)
    return table.concat(found, " ")
  end

  setup(function()
    cluster = suite.open()
    client = cluster.k8s
    for i = 1, 7 do
      assert(client.create {
        apiVersion = "v1",
        kind = "Secret",
        metadata = { name = "s" .. i, labels = { tier = i % 2 == 0 and "even" or "odd", n = tostring(i) } },
      })
    end
  end)
  teardown(function()
    if cluster then
      cluster.close()
    end
  end)

  it("hold whole objects and their version", function()
    local list, metadata = assert(client.list { kind = "Secret", labelSelector = "n" })
    assert.equal(7, #list)
    assert.equal("Secret", list[1].kind)
    assert.equal("v1", list[1].apiVersion)
    assert.is_string(metadata.resourceVersion)
  end)

  it("are read page by page", function()
    local list = assert(client.list { kind = "Secret", labelSelector = "n", chunkSize = 2 })
    assert.equal("s1 s2 s3 s4 s5 s6 s7", names(list))
  end)

  it("give one page and the way to the next", function()
    local token, found = "", {}
    repeat
      local page, metadata = assert(client.list {
        kind = "Secret", labelSelector = "n", chunkSize = 3, continue = token,
      })
      found[#found + 1] = names(page)
      token = metadata.continue
    until not token or token == ""
    assert.same({ "s1 s2 s3", "s4 s5 s6", "s7" }, found)
  end)

  it("end at maxBytes, which the error names, without reading on", function()
    local list, err = client.list { kind = "Secret", labelSelector = "n", chunkSize = 1, maxBytes = 500 }
    assert.is_nil(list)
    assert.equal("limit", err.code)
    assert.matches("over 500 bytes %(maxBytes%)", err.message)
  end)

  it("are chosen by labels", function()
    local rows = {
      ["tier=even"] = "s2 s4 s6",
      ["tier!=even,n"] = "s1 s3 s5 s7",
      ["n in (1,2)"] = "s1 s2",
      ["n notin (1,2,3),tier=odd"] = "s5 s7",
      ["tier,!missing"] = "s1 s2 s3 s4 s5 s6 s7",
      ["missing"] = "",
    }
    for selector, want in pairs(rows) do
      assert.equal(want, names(assert(client.list { kind = "Secret", labelSelector = selector })), selector)
    end
  end)

  it("are chosen by name", function()
    assert.equal("s3", names(assert(client.list { kind = "Secret", fieldSelector = "metadata.name=s3" })))
  end)

  it("refuse a malformed selector", function()
    fails("invalid", client.list { kind = "Secret", labelSelector = "a==b==c" })
  end)

  it("of nothing are empty", function()
    assert.same(0, #assert(client.list { kind = "Role" }))
  end)

  it("span namespaces", function()
    local other = suite.open()
    -- Each embedded cluster is a file of its own, so the other namespace is made here too.
    if not suite.real then
      assert(client.create { apiVersion = "v1", kind = "Namespace", metadata = { name = other.ns } })
    end
    assert(client.create {
      apiVersion = "v1",
      kind = "Secret",
      metadata = { name = "far", namespace = other.ns, labels = { n = cluster.ns } },
    })
    assert.equal("", names(assert(client.list { kind = "Secret", labelSelector = "n=" .. cluster.ns })))
    local list = assert(client.list { kind = "Secret", labelSelector = "n=" .. cluster.ns, allNamespaces = true })
    assert.equal("far", names(list))
    other.close()
  end)
end)
