-- luacheck: read globals temp_folder
-- The objects that k8s.apply returns are plain tables to a script, whichever way it
-- first looks at one. Each line runs on an object of its own.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local SCRIPT = [[
local function fresh()
  return assert(k8s.apply { apiVersion = "v1", kind = "ConfigMap",
    metadata = { name = "c", namespace = "default", labels = { a = "b" } }, data = { k = "v" } })
end
local whole = json.encode(fresh())
local function same(object)
  assert(json.encode(object) == whole, json.encode(object))
  return object
end

-- Reading.
assert(fresh().kind == "ConfigMap" and fresh().nothing == nil and fresh()[1] == nil)
assert(fresh().metadata.labels.a == "b")
assert(#fresh() == 0 and rawlen(fresh()) == 0)
assert(rawget(fresh(), "kind") == "ConfigMap")
assert(getmetatable(fresh()) == nil)
assert(next(fresh()) ~= nil and type(next(fresh())) == "string")
local keys = {}
for key in pairs(fresh()) do
  keys[#keys + 1] = key
end
for key in next, fresh() do
  assert(type(key) == "string")
end
table.sort(keys)
assert(table.concat(keys, " ") == "apiVersion data kind metadata")
for _ in ipairs(fresh()) do
  error("a list?")
end
assert(table.unpack(fresh()) == nil and select("#", table.unpack(fresh())) == 0)

-- Writing.
local object = fresh()
object.extra = true
assert(object.extra and object.kind == "ConfigMap")
object.extra = nil
same(object)
object = fresh()
rawset(object, "extra", 1)
assert(object.extra == 1 and object.kind == "ConfigMap")
object = setmetatable(fresh(), { __index = { other = 1 } })
assert(object.other == 1 and object.kind == "ConfigMap")
object = fresh()
object.data.k = "w"
assert(fresh().data.k == "v" and object.data.k == "w")

-- Handing on: as it came, filled, and inside other values.
assert(yaml.encode(fresh()) == yaml.encode(json.decode(whole)))
same(json.decode(json.encode { fresh() })[1])
local filled = fresh()
assert(filled.kind)
same(filled)
local cjson = require "cjson"
assert(cjson.decode(cjson.encode { list = { fresh() } }).list[1].data.k == "v")
assert(cjson.decode(cjson.new().encode(fresh())).data.k == "v")
assert(select(2, pcall(k8s.get, fresh(), fresh())):find "goes into the first table")
log.info("applied", { object = fresh() })
assert(sandbox.check(fresh()) and not pcall(sandbox.build, fresh()))
assert(table.concat(fresh()) == "" and table.pack(fresh()).n == 1)
table.sort(fresh())
local longer = fresh()
table.insert(longer, "x")
assert(longer[1] == "x" and longer.kind == "ConfigMap")
local one = fresh()
assert(one == one and rawequal(one, one) and one ~= fresh() and ({ [one] = 1 })[one] == 1)
assert(string.format("%s", one) == tostring(one))
assert(setmetatable({}, { __index = fresh() }).kind == "ConfigMap")
assert(not pcall(function() return fresh() .. "" end))
assert(load("return kind", "=c", "t", fresh())() == "ConfigMap")
assert(task.map({ fresh() }, function(o) return o.kind end)[1] == "ConfigMap")
local _, err = k8s.apply { fresh(), { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "Not A Name" } } }
assert(err.applied[1].kind == "ConfigMap")
assert(k8s.get(fresh()).metadata.name == "c")
assert(k8s.apply { fresh() }[1].kind == "ConfigMap")
same(k8s.apply(k8s.apply { fresh(), fresh() })[2])
assert(k8s.diff { apiVersion = "v1", kind = "ConfigMap", metadata = fresh().metadata, data = { k = "v" } }.same)
assert(sandbox.check(fresh()) == true)
assert(k8s.events(fresh()))
assert(k8s.wait(fresh(), { ready = function(o) return o.kind == "ConfigMap" end }))
assert(tostring(fresh()):find("^table: "))
assert(not pcall(json.array, "x") and json.array(fresh()))
assert(k8s.delete(fresh()))
print "done"
]]

describe("an applied object", function()
  it("is a plain table to a script", function()
    local place = cli.place(temp_folder())
    local r = place:run { "run", place:write("s.lua", SCRIPT) }
    assert.equal("done\n", r.out, r.err)
    assert.equal(0, r.code)
  end)

  it("prints as YAML", function()
    local place = cli.place(temp_folder())
    local r = place:run { "-p", [[k8s.apply { apiVersion = "v1", kind = "ConfigMap",
      metadata = { name = "c", namespace = "default" }, data = { k = "v" } }]] }
    assert.equal(0, r.code)
    assert.equal("v", yaml.decode(r.out).data.k)
  end)
end)
