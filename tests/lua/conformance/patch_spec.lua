local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
local suite = assert(loadfile(here .. "suite.lua", "t", _ENV))()
local config_map, ref, fails = suite.config_map, suite.ref, suite.fails

describe("patch", function()
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

  it("merges, and removes by null", function()
    assert(client.create(config_map("merge", { a = "1", b = "2" })))
    local stored = assert(client.patch(ref "merge", { data = { a = json.null, c = "3" } }))
    assert.same({ b = "2", c = "3" }, stored.data)
  end)

  it("of nothing changes nothing", function()
    local before = assert(client.create(config_map("noop", { a = "1" })))
    local after = assert(client.patch(before, { data = { a = "1" } }))
    assert.equal(before.metadata.resourceVersion, after.metadata.resourceVersion)
  end)

  it("runs operations", function()
    assert(client.create(config_map("json", { a = "1", ["x/y"] = nil })))
    local stored = assert(client.patch(ref "json", {
      { op = "test", path = "/data/a", value = "1" },
      { op = "add", path = "/data/b", value = "2" },
      { op = "replace", path = "/data/a", value = "3" },
    }, { type = "json" }))
    assert.same({ a = "3", b = "2" }, stored.data)
    stored = assert(client.patch(ref "json", { { op = "remove", path = "/data/b" } }, { type = "json" }))
    assert.same({ a = "3" }, stored.data)
  end)

  it("stops at a test that fails", function()
    assert(client.create(config_map("test", { a = "1" })))
    fails("invalid", client.patch(ref "test", {
      { op = "replace", path = "/data/a", value = "2" },
      { op = "test", path = "/data/a", value = "9" },
    }, { type = "json" }))
    assert.equal("1", client.get(ref "test").data.a)
  end)

  it("applies a part", function()
    assert(client.create(config_map("part", { a = "1" })))
    local patch = config_map("part", { b = "2" })
    local stored = assert(client.patch(ref "part", patch, { type = "apply", fieldManager = "other" }))
    assert.same({ a = "1", b = "2" }, stored.data)
  end)

  it("with an old version conflicts", function()
    local first = assert(client.create(config_map("version", { a = "1" })))
    assert(client.patch(first, { data = { a = "2" } }))
    local version = first.metadata.resourceVersion
    local err = fails("conflict", client.patch(first, { metadata = { resourceVersion = version }, data = { a = "3" } }))
    assert.equal(409, err.status)
    assert.equal("2", client.get(first).data.a)
  end)

  it("of what is not there is not found", function()
    fails("not_found", client.patch(ref "nowhere", { data = { a = "1" } }))
  end)

  it("is not stored by a dry run", function()
    assert(client.create(config_map("dry", { a = "1" })))
    assert.equal("2", assert(client.patch(ref "dry", { data = { a = "2" } }, { dryRun = true })).data.a)
    assert.equal("1", client.get(ref "dry").data.a)
  end)

  it("may not touch what does not change", function()
    local stored = assert(client.create(config_map("fixed", { a = "1" })))
    fails("invalid", client.patch(stored, { immutable = "yes" }))
    local err = select(2, client.patch(stored, { metadata = { name = "other" } }))
    assert.equal("invalid", err.code)
  end)
end)
