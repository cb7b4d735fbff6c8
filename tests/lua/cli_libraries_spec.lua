-- luacheck: read globals temp_folder
-- A library that is loaded when it is first needed may be missing or broken: the run that needs it
-- ends with an error that names the package, and the others do not notice.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local cli = loadfile(here .. "support/cli.lua", "t", _ENV)()

local KUBECONFIG = [[
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"%s}}]
contexts: [{name: x, context: {cluster: c}}]
current-context: x
]]

describe("a library that does not load", function()
  local place

  before_each(function()
    place = cli.place(temp_folder())
    place:write("kc", KUBECONFIG:format "")
    for _, name in ipairs { "libcurl.so.4", "libsqlite3.so.0" } do
      place:write("broken/" .. name, "")
    end
  end)

  local function with_broken(...)
    return place:run { env = { LD_LIBRARY_PATH = place.dir .. "/broken" }, ... }
  end

  it("is an error that names its package", function()
    cli.fails(with_broken("--kubeconfig", "kc", "get", "configmaps"), 4, "install Debian's package libcurl4")
    cli.fails(with_broken("--cluster", "embedded:c.db", "get", "configmaps"), 4,
      "install Debian's package libsqlite3-0")
  end)

  it("does not matter to what needs none", function()
    assert.equal("2\n", cli.ok(with_broken("-e", "print(1 + 1)")).out)
  end)

  it("is not needed to refuse a kubeconfig", function()
    for _, url in ipairs { "127.0.0.1:3128", "proxy.corp:8080", "ftp://x", "socks4://h:1" } do
      place:write("kc", KUBECONFIG:format((', proxy-url: "%s"'):format(url)))
      cli.fails(place:run { "--kubeconfig", "kc", "get", "configmaps" }, 4,
        'cluster "c": proxy-url is no http, https or socks5 URL')
    end
  end)

  it("is not needed to refuse a server", function()
    for _, server in ipairs { "ftp://h", "h", "http://h:99999", "https://", "https://h?a=b", "https://u:p@h" } do
      place:write("kc", KUBECONFIG:format(""):gsub("https://127.0.0.1:1", (server:gsub("%%", "%%%%"))))
      cli.fails(place:run { "--kubeconfig", "kc", "get", "configmaps" }, 4, "")
      cli.fails(with_broken("--kubeconfig", "kc", "get", "configmaps"), 4, "")
    end
  end)
end)
