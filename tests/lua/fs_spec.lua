-- luacheck: read globals temp_folder
describe("fs", function()
  it("writes and reads whole files", function()
    local path = temp_folder() .. "/a file"
    assert.is_true(fs.write(path, "one\0two\n"))
    assert.equal("one\0two\n", fs.read(path))
    assert.is_true(fs.write(path, ""))
    assert.equal("", fs.read(path))
  end)

  it("keeps the mode of a file that is there", function()
    local path = temp_folder() .. "/tool"
    fs.write(path, "x")
    os.execute("chmod 700 " .. path)
    fs.write(path, "y")
    local pipe = io.popen("stat -c %a " .. path)
    assert.equal("700", pipe:read("l"))
    pipe:close()
  end)

  it("lists a folder, sorted", function()
    local folder = temp_folder()
    for _, name in ipairs { "b", "a", ".c" } do
      fs.write(folder .. "/" .. name, name)
    end
    assert.same({ ".c", "a", "b" }, fs.list(folder))
    assert.equal("[]", json.encode(fs.list(temp_folder())))
  end)

  it("returns nil and the reason", function()
    for _, case in ipairs {
      { fs.read, "/nowhere/x", "not_found" }, { fs.list, "/nowhere", "not_found" },
      { fs.write, "/nowhere/x", "not_found" }, { fs.read, "/", "io" }, { fs.read, "/dev/zero", "io" },
    } do
      local value, err = case[1](case[2], "text")
      assert.is_nil(value)
      assert.equal(case[3], err.code)
      assert.truthy(tostring(err):find(case[2], 1, true))
    end
  end)

  it("raises for wrong types", function()
    assert.has_error(function() fs.read(nil) end)
    assert.has_error(function() fs.read("a\0b") end)
    assert.has_error(function() fs.write("/tmp/x") end)
    assert.has_error(function() fs.stdin("z") end)
    assert.has_error(function() fs.stdin(-1) end)
  end)
end)
