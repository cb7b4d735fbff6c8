-- For luacheck: the modules that sandscript gives to scripts are globals.
std = "lua54"
cache = false
max_line_length = 120
read_globals = {
  "sandbox", "k8s", "policy", "task", "json", "yaml", "log", "env", "fs", "cjson",
  "adapter", "overlay",
}
-- It catches what a spec prints.
files["lua/ss/spec.lua"] = { globals = { "print" } }
files["tests/lua"] = { std = "+busted" }
files["scripts/**/testdata"] = { std = "+busted" }
