-- Writers of a finished run: {specs = {{name, file, line, status, message, seconds}…},
-- passed, failed, skipped, seconds, updated = {{file, message}…}}. status is "passed", "failed"
-- or "skipped"; updated are the goldens that were written.
local native = require("ss.native")

local M = {}

-- What a terminal would obey is shown; the lines stay.
local function safe(text)
  return (text:gsub("[^\n\t]+", native.escape))
end

local function place(spec)
  return spec.file and ("%s:%d"):format(native.escape(spec.file), spec.line or 1) or "?"
end

local function indent(text, by)
  return (by .. text:gsub("\n", "\n" .. by):gsub("[ \t]+\n", "\n"))
end

local function count(n, what)
  return ("%d %s"):format(n, what)
end

function M.text(run, print_text)
  local function write(text)
    print_text(safe(text))
  end
  for _, spec in ipairs(run.specs) do
    if spec.status == "failed" then
      write(("FAILED %s: %s\n%s\n\n"):format(place(spec), native.escape(spec.name),
        indent(spec.message or "", "    ")))
    elseif spec.status == "skipped" then
      write(("skipped %s: %s%s\n"):format(place(spec), native.escape(spec.name),
        spec.message and " (" .. spec.message .. ")" or ""))
    end
  end
  for _, golden in ipairs(run.updated) do
    write(("updated %s\n%s\n"):format(native.escape(golden.file), golden.message))
  end
  write(("%s, %s, %s (%.2f s)\n"):format(count(run.passed, "passed"), count(run.failed, "failed"),
    count(run.skipped, "skipped"), run.seconds))
end

function M.json(run, write)
  write(json.encode({
    passed = run.passed, failed = run.failed, skipped = run.skipped,
    seconds = run.seconds, specs = json.array(run.specs), updated = json.array(run.updated),
  }, { indent = true }) .. "\n")
end

local XML = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["\n"] = "&#10;" }

-- XML 1.0 has no other control characters, not even escaped.
local function xml(text)
  return (tostring(text):gsub("[%z\1-\8\11-\31]", "?"):gsub('[&<>"\n]', XML))
end

function M.junit(run, write)
  write('<?xml version="1.0" encoding="UTF-8"?>\n')
  write(('<testsuites tests="%d" failures="%d" skipped="%d" time="%.3f">\n'):format(
    #run.specs, run.failed, run.skipped, run.seconds))
  write(('<testsuite name="sandscript" tests="%d" failures="%d" skipped="%d" time="%.3f">\n')
    :format(#run.specs, run.failed, run.skipped, run.seconds))
  for _, spec in ipairs(run.specs) do
    write(('<testcase classname="%s" name="%s" file="%s" line="%d" time="%.3f">'):format(
      xml(spec.file or ""), xml(spec.name), xml(spec.file or ""), spec.line or 1, spec.seconds))
    if spec.status == "failed" then
      local message = spec.message or ""
      write(('<failure message="%s">%s</failure>'):format(xml(message:match("[^\n]*")), xml(message)))
    elseif spec.status == "skipped" then
      write(('<skipped message="%s"/>'):format(xml(spec.message or "")))
    end
    write("</testcase>\n")
  end
  write("</testsuite>\n</testsuites>\n")
end

function M.tap(run, print_text)
  local function write(text)
    print_text(safe(text))
  end
  write(("1..%d\n"):format(#run.specs))
  for i, spec in ipairs(run.specs) do
    write(("%s %d - %s%s\n"):format(spec.status == "failed" and "not ok" or "ok", i,
      (native.escape(spec.name):gsub("#", "\\#")),
      spec.status == "skipped" and " # SKIP " .. (spec.message or "") or ""))
    if spec.status == "failed" then
      write(indent(place(spec) .. "\n" .. (spec.message or ""), "# ") .. "\n")
    end
  end
end

return M
