-- luacheck: read globals temp_folder
-- The k8s module itself: arguments, clients, handles. What a cluster does is in conformance/.
describe("k8s", function()
  local client

  setup(function()
    client = assert(k8s.connect { cluster = "embedded:" .. temp_folder() .. "/cluster.db", namespace = "default" })
    assert(client.apply { apiVersion = "v1", kind = "Namespace", metadata = { name = "default" } })
  end)

  local function config_map(name, data)
    return { apiVersion = "v1", kind = "ConfigMap", metadata = { name = name }, data = data }
  end

  -- A pod that the embedded cluster makes Ready at once.
  local function ready_pod(name)
    return {
      apiVersion = "v1", kind = "Pod", metadata = { name = name },
      spec = {
        securityContext = { runAsNonRoot = true, runAsUser = 1000, seccompProfile = { type = "RuntimeDefault" } },
        containers = { {
          name = "c", image = "x.example/c:1",
          securityContext = { allowPrivilegeEscalation = false, capabilities = { drop = { "ALL" } } },
        } },
      },
    }
  end

  -- How many open files of this process lie below the folder.
  local function open_files_below(folder)
    local lfs, n = require "lfs", 0
    for fd in lfs.dir "/proc/self/fd" do
      local target = lfs.symlinkattributes("/proc/self/fd/" .. fd, "target")
      if target and target:sub(1, #folder) == folder then
        n = n + 1
      end
    end
    return n
  end

  -- Raises at this file, with this text.
  local function misuse(text, fn, ...)
    local ok, message = pcall(fn, ...)
    assert.is_false(ok)
    assert.matches(text, tostring(message), 1, true)
  end

  describe("arguments", function()
    it("are checked at the caller's line", function()
      local line = debug.getinfo(1, "l").currentline + 2
      local ok, message = pcall(function()
        client.get { kind = "ConfigMap", nmae = "x" }
      end)
      assert.is_false(ok)
      assert.matches(("k8s_spec.lua:%d: k8s.get: unknown option 'nmae': did you mean 'name'?"):format(line),
        message, 1, true)
    end)

    it("must make a ref", function()
      misuse("k8s.get: expected an object or {kind=, name=, namespace=}, not nothing", client.get)
      misuse("k8s.get: expected an object or {kind=, name=, namespace=}, not a string", client.get, "pod/x")
      misuse("k8s.get: 'kind' is missing", client.get, { name = "x" })
      misuse("k8s.get: 'name' is missing: which ConfigMap?", client.get, { kind = "ConfigMap" })
      misuse("k8s.get: 'name' must be a string, not a number", client.get, { kind = "ConfigMap", name = 1 })
      misuse("k8s.delete: 'name' holds a NUL byte", client.delete, { kind = "ConfigMap", name = "x\0y" })
      misuse("k8s.delete: 'name' holds a NUL byte", client.delete, config_map "x\0y")
      misuse("k8s.list: 'name' names one object", client.list, { kind = "ConfigMap", name = "x" })
      misuse("k8s.delete: 'name' or 'labelSelector' is missing", client.delete, { kind = "ConfigMap" })
      misuse("k8s.wait: 'kind' is missing", client.wait, {})
      misuse("k8s.watch: 'kind' is missing", client.watch, {})
    end)

    it("must make an object", function()
      misuse("k8s.apply: expected an object, not nothing", client.apply)
      misuse("k8s.apply: 'kind' is missing", client.apply, { apiVersion = "v1" })
      misuse("k8s.create: 'apiVersion' is missing", client.create, { kind = "ConfigMap" })
      misuse("k8s.create: data.f: a function has no JSON form", client.create, config_map("x", { f = print }))
      misuse("k8s.patch: the patch must be a table", client.patch, { kind = "ConfigMap", name = "x" })
      misuse("k8s.patch: a json patch is a list", client.patch, { kind = "ConfigMap", name = "x" }, { a = 1 },
        { type = "json" })
    end)

    it("must be options that are known, of the right type", function()
      local ref = { kind = "ConfigMap", name = "x" }
      misuse("k8s.apply: unknown option 'dryrun': did you mean 'dryRun'?", client.apply, config_map "x",
        { dryrun = true })
      misuse("k8s.get: option 'timeout' must be", client.get, ref, { timeout = "soon" })
      misuse("k8s.patch: option 'type' must be merge, json or apply, not 'strategic'", client.patch, ref, {},
        { type = "strategic" })
      misuse("k8s.delete: option 'propagation' must be Foreground, Background or Orphan, not 'foreground'",
        client.delete, ref, { propagation = "foreground" })
      misuse("k8s.wait: option 'fail' must be a function, not a string", client.wait, ref, { fail = "x" })
      misuse("k8s.wait: option 'ready' must be the name of a condition or a function, not a number",
        client.wait, ref, { ready = 1 })
      misuse("k8s.wait: 'ready' and 'deleted' are two different waits", client.wait, ref,
        { ready = "Ready", deleted = true })
      misuse("k8s.connect: unknown option 'kubconfig': did you mean 'kubeconfig'?", k8s.connect, { kubconfig = "x" })
    end)
  end)

  describe("errors", function()
    it("read as one line, and are rethrown by assert", function()
      local _, err = client.get { kind = "ConfigMap", name = "gone" }
      assert.equal("not_found", err.code)
      assert.matches("^get ConfigMap default/gone: ", tostring(err))
      -- Lua's own assert; a spec's is busted's.
      local ok, again = pcall(_G.assert, nil, err)
      assert.is_false(ok)
      assert.equal("not_found", again.code)
    end)

    it("of a list name what is there", function()
      local _, err = client.apply { config_map "a", config_map "b", config_map "No_Name" }
      assert.equal("invalid", err.code)
      assert.same({ "a", "b" }, { err.applied[1].metadata.name, err.applied[2].metadata.name })
    end)

    it("of YAML say where", function()
      local _, err = client.apply "kind: ConfigMap\nmetadata: ["
      assert.equal("parse", err.code)
      assert.matches("line", err.message)
      _, err = client.apply "a: 1"
      assert.equal("invalid", err.code)
      assert.matches("apiVersion and kind are missing", err.message, 1, true)
    end)
  end)

  describe("clients", function()
    it("have the functions of the module", function()
      for name, value in pairs(k8s) do
        assert.equal(type(value), type(client[name]), name)
      end
      assert.equal("default", client.namespace)
      assert.is_string(client.server)
    end)

    it("are apart", function()
      local other = assert(k8s.connect { cluster = "embedded:" .. temp_folder() .. "/other.db", namespace = "default" })
      assert(client.create(config_map "here"))
      assert.is_nil((other.get { kind = "ConfigMap", name = "here" }))
    end)

    it("fail for a configuration that does not load", function()
      local value, err = k8s.connect { kubeconfig = "/nonexistent/kubeconfig" }
      assert.is_nil(value)
      assert.equal("config", err.code)
      assert.matches("/nonexistent/kubeconfig", err.message, 1, true)
    end)

    it("are closed by the collector, with their watches", function()
      local folder = temp_folder()
      for i = 1, 5 do
        local c = assert(k8s.connect { cluster = ("embedded:%s/%d"):format(folder, i), namespace = "default" })
        local w = assert(c.watch { kind = "ConfigMap" })
        assert(c.list { kind = "ConfigMap" })
        assert(open_files_below(folder) > 0)
        assert(w)
      end
      collectgarbage()
      collectgarbage()
      task.sleep(0) -- what closes needs a turn of the loop
      assert.equal(0, open_files_below(folder))
    end)
  end)

  describe("objects", function()
    it("are not changed by what is done with them", function()
      local object = config_map("same", { a = "1" })
      local before = json.encode(object)
      assert(client.apply(object))
      assert(client.diff(object))
      assert.equal(before, json.encode(object))
    end)

    it("keep their order in the result of apply", function()
      local stored = assert(client.apply {
        config_map "z",
        { apiVersion = "v1", kind = "Namespace", metadata = { name = "late" } },
        { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "in-late", namespace = "late" } },
      })
      assert.equal("z", stored[1].metadata.name)
      assert.equal("late", stored[2].metadata.name)
      assert.equal("in-late", stored[3].metadata.name)
    end)

    it("of an empty list are none", function()
      assert.same(0, #assert(client.apply {}))
    end)
  end)

  describe("watches", function()
    it("are used by one task at a time", function()
      local watch <close> = assert(client.watch { kind = "ConfigMap", name = "nobody" })
      local first = task.spawn(function()
        return watch()
      end)
      task.sleep(0.02)
      misuse("another task waits for this watch", watch)
      watch:close()
      task.join(first)
    end)

    it("may be left behind by a task that ends", function()
      task.join(task.spawn(function()
        assert(client.watch { kind = "ConfigMap" })
      end))
      for i = 1, 5 do
        assert(client.apply(config_map("left" .. i)))
      end
      collectgarbage()
      assert(client.apply(config_map "left"))
    end)

    it("can be many at once", function()
      local seen = task.map({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, function(i)
        local watch <close> = assert(client.watch { kind = "Secret", name = "many" .. i, timeout = 30 })
        assert(client.create { apiVersion = "v1", kind = "Secret", metadata = { name = "many" .. i } })
        return watch().object.metadata.name
      end)
      for i, name in ipairs(seen) do
        assert.equal("many" .. i, name)
      end
    end)

    it("end quietly in a task that is canceled", function()
      local t = task.spawn(function()
        for _ in assert(client.watch { kind = "ConfigMap", name = "nobody" }) do
          error "no event can come"
        end
        return "ended"
      end)
      task.sleep(0.02)
      task.cancel(t)
      assert.equal("ended", task.join(t))
    end)
  end)

  describe("waits", function()
    it("tell their progress in the task of the caller", function()
      local lines = {}
      local _, err = client.wait({ kind = "ConfigMap", name = "missing" }, {
        timeout = 0.5,
        progress = function(text)
          task.sleep(0)
          lines[#lines + 1] = text
        end,
      })
      assert.equal("timeout", err.code)
      assert.is_true(#lines >= 1)
      assert.matches("missing", lines[1])
    end)

    it("know conditions by name and status", function()
      local pod = assert(client.apply(ready_pod "conditions"))
      local ready = assert(client.wait(pod, { ready = "Ready=True", timeout = 10 }))
      assert.equal("conditions", ready.metadata.name)
      assert(client.wait(pod, { ready = "Ready", timeout = 10 }))
      -- In any case, as with kubectl; also where functions of the script look on.
      assert(client.wait(pod, { ready = "ready=TRUE", timeout = 10 }))
      assert(client.wait(pod, { ready = "rEADY", timeout = 10, fail = function() end }))
      for _, never in ipairs { "Ready=False", "Never=True", "Read=True" } do
        local stored, err = client.wait(pod, { ready = never, timeout = 0.2, fail = function() end })
        assert.is_nil(stored, never)
        assert.equal("timeout", err.code)
      end
    end)

    it("cannot begin where nothing can wait", function()
      misuse("cannot wait here", table.sort, { 1, 2, 3 }, function()
        return client.get { kind = "ConfigMap", name = "x" }
      end)
    end)
  end)
end)
