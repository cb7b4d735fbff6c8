-- luacheck: read globals temp_folder
-- Files as editors, shells and other tools write them are read as kubectl reads them.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local BOM = "\xef\xbb\xbf"
local CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata:\n  a: b\n"
local JSON = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"},"data":{"a":"b"}}'

local function utf16(text, big)
  local out = { big and "\xfe\xff" or "\xff\xfe" }
  for _, code in utf8.codes(text) do
    local units = code < 0x10000 and { code } or { 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff) }
    for _, unit in ipairs(units) do
      out[#out + 1] = string.pack(big and ">I2" or "<I2", unit)
    end
  end
  return table.concat(out)
end

describe("a manifest", function()
  local place

  before_each(function()
    place = cli.place(temp_folder())
  end)

  -- The names that apply says it made of the text, in the file and on standard input.
  local function applied(text, file)
    place:write(file or "m.yaml", text)
    local by_file = cli.ok(place:run { "--cluster", "embedded:c.db", "apply", "--dry-run", "-f", file or "m.yaml" }).out
    if not file then
      local by_pipe = cli.ok(place:run { "--cluster", "embedded:c.db", "apply", "--dry-run", "-f", "-", stdin = text })
      assert.equal(by_file, by_pipe.out)
      cli.ok(place:run { "check", "m.yaml" })
    end
    local names = {}
    for name in by_file:gmatch("configmap/(%S+)") do
      names[#names + 1] = name
    end
    return table.concat(names, " ")
  end

  it("may begin with a byte order mark, in each document", function()
    local a, b = CONFIG_MAP:format "a", CONFIG_MAP:format "b"
    assert.equal("a", applied(BOM .. a))
    assert.equal("a", applied(BOM .. "---\n" .. a))
    assert.equal("a b", applied(BOM .. a .. "---\n" .. BOM .. b))
    assert.equal("a b", applied(BOM .. a .. BOM .. "---\n" .. b))
    assert.equal("a", applied(BOM .. JSON:format "a"))
    assert.equal("a b", applied(BOM .. JSON:format "a" .. "\n" .. BOM .. JSON:format "b"))
    assert.equal("a", applied(BOM .. JSON:format "a", "m.json"))
  end)

  it("may be UTF-16", function()
    local text = CONFIG_MAP:format "a" .. '  smile: "\u{1f600}ü"\n'
    for _, big in ipairs { false, true } do
      place:write("m.yaml", utf16(text, big))
      assert.equal("a", applied(utf16(text, big)))
      assert.equal("a", applied(utf16(JSON:format "a", big), "m.json"))
      local decoded = yaml.decode(utf16(text, big))
      assert.equal("\u{1f600}ü", decoded.data.smile)
    end
    place:write("m.yaml", utf16(text):sub(1, -2))
    cli.fails(place:run { "--cluster", "embedded:c.db", "apply", "-f", "m.yaml" }, 1, "UTF-16")
  end)

  it("may be several values of JSON, among documents of YAML", function()
    local a, b, c = JSON:format "a", JSON:format "b", CONFIG_MAP:format "c"
    assert.equal("a b", applied(a .. "\n" .. b .. "\n"))
    assert.equal("a b", applied(a .. b))
    assert.equal("a b", applied("\n\n" .. a .. "\r\n\r\n" .. b))
    assert.equal("a b", applied(a .. "\n---\n" .. b))
    assert.equal("a b c", applied(a .. "\n" .. b .. "\n---\n" .. c))
    assert.equal("c a b", applied(c .. "---\n" .. a .. "\n" .. b))
    assert.equal("a b", applied(a .. "\n" .. b, "m.json"))
    cli.fails(place:run { "--cluster", "embedded:c.db", "apply", "-f", "-", stdin = a .. "\n{\n\"a\": @}\n" }, 1,
      "line 3")
    place:write("m.json", a .. "\n{\n\"a\": @}\n")
    cli.fails(place:run { "--cluster", "embedded:c.db", "apply", "-f", "m.json" }, 1, "line 3")
  end)

  it("may have lines that end in CR LF, and a last one that does not end", function()
    assert.equal("a", applied((CONFIG_MAP:format("a"):gsub("\n", "\r\n"))))
    assert.same({ a = "x\ny\n" }, yaml.decode "a: |\r\n  x\r\n  y\r\n")
    assert.same({ a = "x\n" }, yaml.decode "a: |\n  x")
    assert.same({ a = "x\n" }, yaml.decode "a: |+\n  x")
    assert.same({ a = "x" }, yaml.decode "a: |-\n  x")
    assert.same({ a = "x y\n" }, yaml.decode "a: >\n  x\n  y")
  end)

  it("says that a name is no text", function()
    for value, type in pairs { n = "boolean", ["1e10"] = "number", ["20190612"] = "number", ["18446744073709551616"] =
      "number", ["[a]"] = "table" } do
      place:write("m.yaml", CONFIG_MAP:format(value))
      cli.fails(place:run { "--cluster", "embedded:c.db", "apply", "-f", "m.yaml" }, 1,
        "the ConfigMap's metadata.name must be text, is a " .. type)
    end
    place:write("m.yaml", "apiVersion: 1\nkind: ConfigMap\nmetadata: {name: a}\n")
    cli.fails(place:run { "--cluster", "embedded:c.db", "apply", "-f", "m.yaml" }, 1,
      "the ConfigMap's apiVersion must be text, is a number (1): put it in quotes")
    place:write("m.yaml", "apiVersion: v1\nkind: yes\nmetadata: {name: a}\n")
    cli.fails(place:run { "--cluster", "embedded:c.db", "apply", "-f", "m.yaml" }, 1, "kind must be text, is a boolean")
  end)
end)

describe("files of Lua and of configuration", function()
  it("may begin with a byte order mark, or be UTF-16", function()
    local place = cli.place(temp_folder())
    for _, encode in ipairs { function(text) return BOM .. text end, utf16 } do
      place:write("s.lua", encode "#!/usr/bin/env sandscript\nprint('ü', require('m').x)\n")
      place:write("m.lua", encode "return { x = 1 }\n")
      assert.equal("ü\t1\n", cli.ok(place:run { "run", "s.lua" }).out)
      assert.equal("ü\n", cli.ok(place:run { "run", "-", stdin = encode "print('ü')" }).out)
      place:write("policy/adapters/one.lua", encode 'return adapter { name = "one", image = require("lib").image }\n')
      place:write("policy/lib/lib.lua", encode 'return { image = "x.example/one:1" }\n')
      place:write("policy/local.d/10.lua", encode 'return overlay { adapter = "*", labels = { a = "b" } }\n')
      place:write("r.yaml", encode "namespace: d\nsandboxName: s\nenvSecretName: e\nserviceAccountName: a\n")
      local out = cli.ok(place:run { "--policy", "policy", "build", "one", "-f", "r.yaml" }).out
      assert.matches("image: x.example/one:1", out, 1, true)
      assert.matches("a: b", out, 1, true)
      cli.ok(place:run { "check", "policy", "s.lua" })
      place:write("sandscript/config.lua", encode 'return { policy = "policy" }\n')
      place:write("kc", encode("apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: "
        .. '"https://127.0.0.1:1"}}]\ncontexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\n'))
      local r = place:run { "--kubeconfig", "kc", "get", "pods", env = { XDG_CONFIG_HOME = place.dir } }
      cli.fails(r, 4, "context x: https://127.0.0.1:1: connection refused")
    end
  end)
end)
