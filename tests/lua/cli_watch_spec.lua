-- luacheck: read globals temp_folder
-- `build --watch` and `test --watch`: again after every change of the policy folder, until Ctrl-C.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local place

local function put(version)
  place:write("policy/adapters/one.lua", ([[
return adapter {
  name = "one",
  image = "registry.example/one:%s",
}
]]):format(version))
end

-- Runs the program until its output holds each of the texts, doing what stands behind it then;
-- Ctrl-C ends it.
local function watch(args, steps)
  local script = { "set -f", ('"$SS" %s >out 2>err & pid=$!'):format(args) }
  for i, step in ipairs(steps) do
    local text, action = step[1], step[2]
    script[#script + 1] = ([[
      n=0
      until grep -q -- '%s' out err; do
        n=$((n + 1)); [ $n -lt 600 ] || { echo "step %d: no '%s'"; kill -9 $pid; cat out err; exit 99; }
        sleep 0.05
      done
      %s]]):format(text, i, text, action or "")
  end
  script[#script + 1] = "kill -INT $pid; wait $pid; code=$?; cat out; cat err >&2; exit $code"
  local r = place:shell(table.concat(script, "\n"))
  assert.not_equal(99, r.code, r.out)
  return r
end

local BUILD = "build one --policy policy --watch --set namespace=demo --set sandboxName=s1 "
  .. "--set envSecretName=e --set serviceAccountName=agent"

describe("--watch", function()
  before_each(function()
    place = cli.place(temp_folder())
    put("v1")
  end)

  it("builds again after each change, also of what was broken", function()
    place:write("v3.lua", 'return adapter { name = "one", image = "x.example/y:v3" }\n')
    local r = watch(BUILD, {
      { "one:v1", "sed -i s/one:v1/one:v2/ policy/adapters/one.lua" },
      { "one:v2", "echo 'x = = 1' >policy/adapters/one.lua" },
      { "one.lua:1: ", "cp v3.lua policy/adapters/one.lua" },
      { "y:v3" },
    })
    assert.equal(130, r.code)
    local _, runs = r.err:gsub("== sandscript build, run %d, %d+:%d+:%d+ ==\n", "")
    assert.equal(4, runs, r.err)
  end)

  it("tests again after each change, of a case as well", function()
    place:write("policy/testdata/one/small.in.lua",
      'return { namespace = "demo", sandboxName = "s1", envSecretName = "e", serviceAccountName = "agent" }\n')
    cli.ok(place:run { "test", "policy", "--update" })
    local r = watch("test policy --watch", {
      { "1 passed, 0 failed", "sed -i s/one:v1/one:v2/ policy/adapters/one.lua" },
      { "0 passed, 1 failed", "rm policy/testdata/one/small.golden.yaml" },
      { "is missing: write it", "mkdir -p policy/new && mv policy/testdata policy/new/" },
      { "run 4" },
    })
    assert.equal(130, r.code)
    assert.matches('got "registry.example/one:v2"', r.out, 1, true)
  end)

  -- What the link led to before is gone at once, as with git-sync.
  local FLIP = "ln -s %s tmp && mv -T tmp now && rm -r %s"

  it("follows a policy folder that is a link when it leads elsewhere", function()
    for i, image in ipairs { "v1", "v2", "v3" } do
      put(image)
      assert(os.execute(("mv %s/policy %s/rev%d"):format(place.dir, place.dir, i)))
    end
    assert(os.execute(("ln -s rev1 %s/now"):format(place.dir)))
    local r = watch(BUILD:gsub("policy policy", "policy now"), {
      { "one:v1", FLIP:format("rev2", "rev1") },
      { "one:v2", FLIP:format("rev3", "rev2") },
      { "one:v3" },
    })
    assert.equal(130, r.code)
    assert.is_nil(r.err:find("is not there", 1, true))
  end)

  it("tests what a link leads to now", function()
    local case = 'return { namespace = "demo", sandboxName = "s1", envSecretName = "e", '
      .. 'serviceAccountName = "agent" }\n'
    for i, image in ipairs { "v1", "v2" } do
      put(image)
      place:write("policy/testdata/one/small.in.lua", case)
      if i == 1 then
        cli.ok(place:run { "test", "policy", "--update" })
      end
      assert(os.execute(("cp -r %s/policy %s/rev%d"):format(place.dir, place.dir, i)))
    end
    assert(os.execute(("ln -s rev1 %s/now"):format(place.dir)))
    local r = watch("test now --watch", {
      { "1 passed, 0 failed", FLIP:format("rev2", "rev1") },
      { "0 passed, 1 failed" },
    })
    assert.equal(130, r.code)
    assert.matches('got "registry.example/one:v2"', r.out, 1, true)
  end)

  it("serves a script the version that a link leads to", function()
    for i, image in ipairs { "v1", "v2" } do
      put(image)
      assert(os.execute(("mv %s/policy %s/rev%d"):format(place.dir, place.dir, i)))
    end
    place:write("loop.lua", [[
      local input = { namespace = "d", sandboxName = "s", envSecretName = "e", serviceAccountName = "a" }
      local last
      while true do
        local image = policy.build("one", input).spec.podTemplate.spec.containers[1].image
        if image ~= last then
          log.warn(image)
          last = image
        end
        task.sleep(0.01)
      end]])
    assert(os.execute(("ln -s rev1 %s/now"):format(place.dir)))
    local r = watch("--policy now run --watch loop.lua", {
      { "one:v1", FLIP:format("rev2", "rev1") },
      { "one:v2" },
    })
    assert.equal(130, r.code)
  end)

  it("sees the file of a request", function()
    place:write("r.yaml", "namespace: demo\nsandboxName: first\nenvSecretName: e\nserviceAccountName: agent\n")
    local r = watch("build one --policy policy --watch -f r.yaml", {
      { "name: first", "sed -i s/first/second/ r.yaml" },
      { "name: second" },
    })
    assert.equal(130, r.code)
  end)
end)
