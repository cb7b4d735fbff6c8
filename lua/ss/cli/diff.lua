-- sandscript diff -f FILE|DIR…: exits 0 when applying would change nothing, 1 when something.
local manifests = require("ss.cli.manifests")
local native = require("ss.native")
local progress = require("ss.cli.progress")

local M = {}

function M.main(job)
  local differs = 0
  for _, entry in ipairs(manifests.sort(manifests.read(job.options.file))) do
    local what = manifests.describe(entry.object)
    local diff = progress.run("comparing " .. what, function()
      return assert(k8s.diff(entry.object, {
        force = job.options["force-conflicts"] or false,
        namespace = job.given_namespace,
        timeout = job.timeout,
      }))
    end)
    if not diff.same then
      differs = 1
      print(("# %s (%s)"):format(what, manifests.target(job)))
      print((diff.text:gsub("\n$", ""):gsub("[^\n]+", native.escape)))
    end
  end
  return differs
end

return M
