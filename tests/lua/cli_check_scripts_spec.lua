-- luacheck: read globals temp_folder
-- `sandscript check` of scripts: calls whose failure nobody sees, functions, options and globals that there
-- are not. What is right, or not known for sure, is no finding.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()
local api = require("ss.reference")

local place

local function check(files)
  for name, text in pairs(files) do
    place:write("s/" .. name, text)
  end
  local r = place:run { "check", "s" }
  assert.matches(" checked, %d+ findings?\n$", r.err)
  assert.equal(r.out == "" and 0 or 1, r.code)
  return (r.out:gsub("s/main%.lua:", ""))
end

local function finds(text, expected)
  local out = check { ["main.lua"] = text }
  assert.matches(expected, out, 1, true)
  return out
end

local function is_fine(text, more)
  local files = { ["main.lua"] = text }
  for name, other in pairs(more or {}) do
    files[name] = other
  end
  assert.equal("", check(files))
end

before_each(function()
  place = cli.place(temp_folder())
end)

describe("a call whose failure nobody sees", function()
  it("is one whose results are dropped", function()
    finds("print(1)\nk8s.apply{apiVersion='v1', kind='Pod'}\n",
      "2: nobody looks whether k8s.apply fails: write assert(k8s.apply(")
    finds("fs.write('a', 'b')\n", "1: nobody looks whether fs.write fails")
    finds("local function f(t)\n  if t then\n    task.join(t)\n  end\nend\nf()\n",
      "3: nobody looks whether task.join fails")
    finds("return function() policy.reload() end", "1: nobody looks whether policy.reload fails")
  end)

  it("is one whose results end in variables that nobody reads", function()
    finds("local m = k8s.get{kind='Pod', name='p'}\n", "1: nobody looks at 'm', and so whether k8s.get fails")
    finds("do\n local m, err = k8s.list{kind='Pod'}\n print(1)\nend\nlocal m = 1\nprint(m)\n", "2: nobody looks at 'm'")
  end)

  it("is known by way of local variables", function()
    finds("local ss = require 'sandscript'\nlocal k8s = ss.k8s\nk8s.delete{kind='Pod', name='p'}\n", "3: nobody looks")

    finds("local apply <const> = k8s.apply\nlocal function f(o)\n  return function()\n apply(o)\n end\nend\nf()",
      "4: nobody looks whether k8s.apply fails")
    finds("local c = assert(k8s.connect{context='x'})\nc.apply(c)\n", "2: nobody looks whether k8s.apply fails")
    finds("local j = require('json')\nwhile true do\n  j.decode('x')\nend\n",
      "3: nobody looks whether json.decode fails")
    finds("_G.k8s.apply{}\n", "1: nobody looks")
  end)

  it("is none that is looked at, returned, or meant", function()
    is_fine [[
      assert(k8s.apply{apiVersion="v1", kind="Pod"})
      local m, err = k8s.get{kind="Pod", name="p"}
      if not m then error(err) end
      local list = k8s.list{kind="Pod"}
      local function count() return #list end
      local _ = k8s.delete{kind="Pod", name="p"}
      print(k8s.version(), count(), (k8s.kinds()))
      local watch <close> = k8s.watch{kind="Pod"}
      task.spawn(print)
      task.sleep(1)
      task.cancel(task.spawn(print))
      log.info("x", {anything=1})
      task.map({1}, function(i) return k8s.get{kind="Pod", name=i} end)
      last = k8s.version()
      return k8s.kinds()
    ]]
  end)

  it("is none whose results are read anywhere, in whatever way", function()
    is_fine [[
      repeat local ok = k8s.apply{} until ok
      repeat local ok, err = k8s.apply{} print(err) until true
      while true do local ok <const> = k8s.delete{kind="Pod", name="x"} if ok then break end end
      local r = k8s.get{kind="Pod", name="x"}
      local function f() return r end
      for _, x in ipairs(k8s.list{kind="Pod"} or {}) do print(x) end
      local t = { k8s.get{kind="Pod", name="x"} }
      local u = k8s.get{kind="Pod", name="x"}.spec
      local v = (k8s.get{kind="Pod", name="x"}) or error("no")
      local w = k8s.get{kind="Pod", name="x"} == nil
      local ok, err = pcall(k8s.apply, {})
      local s = tostring(k8s.version())
      do local y = k8s.version() ; (function() print(y) end)() end
      if k8s.get{kind="Pod", name="x"} then print(1) end
      while not k8s.get{kind="Pod", name="x"} do task.sleep(1) end
      local i, j = k8s.get{kind="Pod", name="x"}
      j = i
      goto done
      ::done::
    ]]
  end)

  it("is none of a variable that may hold something else", function()
    is_fine "local k8s = {apply=print}\nk8s.apply{}\nk8s.aply()\n"
    is_fine "local function f(k8s) k8s.apply{} k8s.aply{} end\nf()\n"
    is_fine "local a = k8s\nif arg[1] then a = {} end\na.aply{}\n"
    is_fine "local a = k8s\nlocal function set() a = {aply=print} end\nset()\na.aply{}\n"
    is_fine "local a = arg[1] and k8s or {aply=print}\na.aply{}\na.apply{}\n"
    is_fine "(arg[1] and k8s or arg[2]).aply()\n"
    is_fine "for _, k8s in ipairs{{}} do k8s.aply{} end\n"
    is_fine("function k8s.mine() end\nk8s.mine()\nk8s.yours()\n", { ["other.lua"] = "k8s.yours = print\n" })
    is_fine "k8s = setmetatable({}, {__index=k8s})\nk8s.aply{}\nk8s.apply{}\n"
    is_fine "local k8s <const>, apply = k8s, print\napply(k8s)\napply()\n"
    is_fine "if k8s.exec then print(k8s.exec{}) end\n"
  end)
end)

describe("names that there are not", function()
  it("are found in our modules, with the one that is meant", function()
    assert.equal("1: there is no 'k8s.aply': did you mean 'k8s.apply'?\n",
      check { ["main.lua"] = "print(k8s.aply{})\n" })
    finds("local t = task\nprint(t.jion(1))\n", "2: there is no 'task.jion': did you mean 'task.join'?")
    finds("local c = assert(k8s.connect())\nprint(c.lst{}, c.context)\n",
      "2: there is no 'client.lst': did you mean 'client.list'?")
    finds("print(os.getenv('HOME'))\n", "1: there is no 'os.getenv': scripts have env.get")
    finds("local s = string\nprint(s.fromat('x'))\n", "2: there is no 'string.fromat': did you mean 'string.format'?")
  end)

  it("are found among globals", function()
    local out = finds("local manifest = 1\nlocal function f()\n  return manifst\nend\nprnt(f(), manifest)\n",
      "3: unknown global 'manifst'\n")
    assert.matches("5: unknown global 'prnt': did you mean 'print'?", out, 1, true)
    finds("print(io.read())\n", "1: unknown global 'io': scripts have fs.read")
    finds("settings = {}\nprint(setings)\n", "2: unknown global 'setings': did you mean 'settings'?")
  end)

  it("are none that some file assigns, or that is asked for first", function()
    is_fine("print(answer, arg[1])\n", { ["lib.lua"] = "answer = 42\n" })
    is_fine "local unpack = unpack or table.unpack\nif jit then print(jit.version) end\nprint(unpack)\n"
    is_fine "local bit = bit\nif bit == nil then print(type(ffi)) end\n"
    is_fine "setmetatable(_G, {__index=function() return 1 end})\nprint(anything)\n"
    is_fine "for _, name in ipairs{'a', 'b'} do _ENV[name] = 1 end\nprint(a + b)\n"
    is_fine "load('x = 1')()\nprint(x)\n"
    is_fine "local _ENV = {print=print}\nx = print(y)\n"
    is_fine "local io, os = _G.io, _G.os\nprint(io, os.time, require('sandscript').more)\n"
    is_fine "_G.reply = 42\nprint(reply)\n"
  end)

  -- What lies in testdata is not checked itself.
  it("are none of a module that is required", function()
    place:write("s/testdata/thing/init.lua", "require 'testdata.deep'\n")
    place:write("s/testdata/deep.lua", "given = 1\n")
    finds("print(given)\n", "1: unknown global 'given'")
    is_fine "require 'testdata.thing'\nprint(given)\n"
    finds("require 'testdata.thing'\nprint(gven)\n", "2: unknown global 'gven': did you mean 'given'?")
    is_fine "require 'not.here'\nprint(given)\n"
    is_fine "require(arg[1])\nprint(given)\n"
  end)

  it("are none of what may be given by a file that nobody can follow", function()
    is_fine("require 'opener'\nprint(given)\n", {
      ["opener.lua"] = "require 'below'\nfor k, v in next, {given=1} do _G[k] = v end\n",
      ["below.lua"] = "print(given)\n",
    })
  end)

  it("are found beside files that nobody can follow", function()
    place:write("s/apart.lua", "load('x = 1')()\n")
    finds("print(given)\n", "1: unknown global 'given'")
  end)

  it("are none in specs and what helps them", function()
    is_fine("print(os.getenv('HOME'), spy)\n", {
      ["a_spec.lua"] = "describe('x', function() k8s.aply{} end)\n",
      ["support/help.lua"] = "return io.open(temp_folder())\n",
    })
  end)

  it("are called with a dot", function()
    assert.equal("1: k8s.apply is called with a dot, not with a colon\n",
      check { ["main.lua"] = "assert(k8s:apply{})\n" })
    is_fine "local w = assert(k8s.watch{kind='Pod'})\nw:close()\nprint(('x'):rep(2))\n"
  end)
end)

describe("options", function()
  it("that a call does not have are found", function()
    assert.equal("1: k8s.wait: unknown option 'tiemout': did you mean 'timeout'?\n",
      check { ["main.lua"] = "assert(k8s.wait({kind='Pod', name='p'}, {tiemout=5}))\n" })
    finds("print(k8s.list{kind='Pod', labelselector='a'})\n",
      "k8s.list: unknown option 'labelselector': did you mean 'labelSelector'?")
    finds("print(task.map({}, print, {with=5}))\n", "task.map: unknown option 'with': did you mean 'width'?")
    finds("local p = policy\nreturn p.build('a', {sandboxNam='x', namespace='d'})\n",
      "2: policy.build: unknown option 'sandboxNam'")
    finds("return k8s.get{kind='Pod', nam='x'}\n", "k8s.get: unknown option 'nam': did you mean 'name'?")
  end)

  it("that stand in the wrong table are found", function()
    assert.equal("1: k8s.wait: 'timeout' goes into the second table: k8s.wait({…}, {timeout=…})\n",
      check { ["main.lua"] = "assert(k8s.wait{kind='Pod', name='p', timeout=5})\n" })
    finds("assert(k8s.apply{apiVersion='v1', kind='Pod', force=true})\n",
      "k8s.apply: 'force' goes into the second table")
    finds("return k8s.patch({kind='Pod', name='p', type='json'}, {})\n",
      "'type' goes into the third table: k8s.patch({…}, {…}, {type=…})")
  end)

  it("with a value of another type are found", function()
    finds("return k8s.get({kind='Pod', name='p'}, {timeout='5'})\n", "option 'timeout' must be a number, not a string")
    finds("return k8s.delete({kind='Pod', name='p'}, {wait='yes'})\n",
      "option 'wait' must be true or false, not a string")
    finds("return k8s.delete({kind='Pod', name='p'}, {propagation='foreground'})\n",
      "must be one of Foreground, Background, Orphan")
  end)

  it("beside one that is nil are found", function()
    finds("return k8s.list{kind='Pod', namespace=nil, fieldSelectr='a=b'}\n", "unknown option 'fieldSelectr'")
  end)

  it("that are known at run time, or right, are no findings", function()
    is_fine [[
      local opts, n = {anything=1}, 5
      assert(k8s.wait({kind="Pod", name="p"}, opts))
      assert(k8s.wait({kind="Pod", name="p"}, {timeout=n, ready="ContainersReady", progress=print}))
      assert(k8s.wait({apiVersion="v1", kind="Pod", metadata={name="p"}, timeout=5}))
      assert(k8s.apply{apiVersion="example.org/v1", kind="Job", timeout=5})
      assert(k8s.apply{apiVersion="v1", kind="Event", force=n, wait={}})
      assert(k8s.apply({{apiVersion="v1", kind="Pod"}}, {force=n == 5, timeout=1.5}))
      assert(k8s.delete{kind="Pod", labelSelector="a=b", namespace=nil})
      assert(k8s.delete({kind="Pod", name="p"}, {propagation=opts.p or "Orphan", [n]=1}))
      return policy.build("a", {namespace="d", tenant="t", image="x", labels={any="thing"}})
    ]]
  end)
end)

it("a file that is a script by its first line is checked as one", function()
  local path = place:write("bin/tool", "#!/usr/bin/env sandscript\nk8s.apply{}\n")
  assert.matches("tool:2: nobody looks", place:run({ "check", path }).out)
  path = place:write("bin/other", "#!/bin/sh\nsandscript\n")
  assert.equal(2, place:run({ "check", path }).code)
  place:write("bin/x.yaml", "")
  assert.equal("", place:run({ "check", "bin" }).out)
end)

describe("what we show", function()
  local function code(text)
    return load("return " .. text) and "return " .. text or text
  end

  it("is right: the examples of the reference", function()
    local n = 0
    for _, module in ipairs(api.modules()) do
      for _, entry in ipairs(api.entries(module)) do
        n = n + 1
        place:write(("s/%s.lua"):format(entry.name), code(entry.example or ""))
      end
    end
    assert.is_true(n > 40, n)
    assert.equal("", place:run({ "check", "s" }).out)
  end)

  it("is right: the scripts of the guides", function()
    local n = 0
    for _, guide in ipairs { "README.md", "scripts/README.md" } do
      local f <close> = assert(io.open((os.getenv("SS_SOURCE_DIR") or ".") .. "/" .. guide))
      for block in f:read("a"):gmatch("\n```lua\n(.-)\n```") do
        if not block:find("return adapter", 1, true) then
          n = n + 1
          place:write(("s/%d.lua"):format(n), block)
        end
      end
    end
    assert.is_true(n >= 2, n)
    assert.equal("", place:run({ "check", "s" }).out)
  end)
end)
