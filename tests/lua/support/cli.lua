-- Runs the program under test, each place with a home, files and an embedded
-- cluster of its own:
--   local place = cli.place(temp_folder())   -- loaded with the spec's _ENV, which has assert
--   local r = place:run { "get", "pods", env = { NAME = "value" }, stdin = "text" }
--   r.code, r.out, r.err     err without the line that names the embedded cluster
local M = {}

local Place = {}
Place.__index = Place

M.program = os.getenv("SANDSCRIPT") or require("lfs").symlinkattributes("/proc/self/exe", "target")

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function read(path)
  local f <close> = io.open(path, "rb")
  return f and f:read("a") or ""
end

function M.place(dir)
  return setmetatable({ dir = dir, n = 0 }, Place)
end

--- Write a file, making its folders; returns its path.
function Place:write(name, text)
  local path = self.dir .. "/" .. name
  assert(os.execute("mkdir -p " .. quote(path:match("^(.*)/"))))
  local f <close> = assert(io.open(path, "wb"))
  f:write(text)
  return path
end

function Place:read(name)
  return read(self.dir .. "/" .. name)
end

local function join(args)
  local words = {}
  for i, arg in ipairs(args) do
    words[i] = quote(arg)
  end
  return table.concat(words, " ")
end

local function environment(place, env)
  local words = {
    "env -i PATH=" .. quote(os.getenv("PATH")),
    "HOME=" .. quote(place.dir),
    "ASAN_OPTIONS=" .. quote(os.getenv("ASAN_OPTIONS") or ""),
  }
  for name, value in pairs(env or {}) do
    words[#words + 1] = name .. "=" .. quote(value)
  end
  return table.concat(words, " ")
end

local function result(code, out, err)
  assert(not err:find("Sanitizer", 1, true) and not err:find("runtime error:", 1, true), err)
  return { code = code, out = out, err = (err:gsub("sandscript: using the embedded cluster[^\n]*\n", "")) }
end

--- Run the shell text, in which $SS is the program.
function Place:shell(text, env)
  self.n = self.n + 1
  local base = ("%s/run%d"):format(self.dir, self.n)
  env = env or {}
  env.SS = M.program
  local _, how, code = os.execute(("cd %s && %s sh -c %s >%s.out 2>%s.err </dev/null"):format(
    quote(self.dir), environment(self, env), quote(text), quote(base), quote(base)))
  assert(how == "exit", how)
  return result(code, read(base .. ".out"), read(base .. ".err"))
end

--- Run the program in the place's folder.
function Place:run(args)
  local redirect = ""
  if args.stdin then
    redirect = " <" .. quote(self:write("stdin", args.stdin))
  end
  return self:shell('exec "$SS" ' .. join(args) .. redirect, args.env)
end

--- Run it, and send it SIGINT times times once a line has come on the stream ("out" or "err")
--- that holds the text.
function Place:interrupt(args, stream, text, times)
  local fd = stream == "err" and "2" or "1"
  local kills = ("kill -INT $pid 2>/dev/null; "):rep(times or 1, "read -r line <&3; echo \"$line\" >&2; ")
  return self:shell(([[
    rm -f pipe; mkfifo pipe
    "$SS" %s %s>pipe & pid=$!
    exec 3<pipe
    while read -r line <&3; do case $line in *%s*) break;; esac; done
    %s
    cat <&3 >&2
    wait $pid
  ]]):format(join(args), fd, quote(text), kills))
end

--- r must have this code, and err one line, which holds the text; progress does not count.
function M.fails(r, code, text)
  local err = ("\n" .. r.err):gsub("\nwaiting: [^\n]*", ""):gsub("\n[^\n]* …%f[\n]", "")
  assert.equal(code, r.code, r.err)
  assert.matches(text, err, 1, true)
  local _, lines = err:gsub("\n", "\n")
  assert.equal(2, lines, r.err)
end

function M.ok(r)
  assert.equal(0, r.code, r.err)
  return r
end

--- A Sandbox that the guard accepts, as YAML.
function M.sandbox(place, name, ...)
  local r = place:run {
    "build", "claude_local", "--set", "namespace=demo", "--set", "sandboxName=" .. name,
    "--set", "envSecretName=env", "--set", "serviceAccountName=agent", ...,
  }
  return M.ok(r).out
end

M.NAMESPACE = [[
apiVersion: v1
kind: Namespace
metadata: {name: demo}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: agent, namespace: demo}
---
apiVersion: v1
kind: Secret
metadata: {name: env, namespace: demo}
]]

return M
