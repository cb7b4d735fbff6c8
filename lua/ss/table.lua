-- Objects as an aligned table, with the columns people know from kubectl.
local native = require("ss.native")

local M = {}

-- Days since 1970-01-01 of a civil date (proleptic Gregorian).
local function days_from_civil(y, m, d)
  y = m <= 2 and y - 1 or y
  local era = y // 400
  local yoe = y - era * 400
  local doy = (153 * (m + (m > 2 and -3 or 9)) + 2) // 5 + d - 1
  return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468
end

local function parse_time(text)
  local y, mo, d, h, mi, s = tostring(text):match("^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)")
  if not y then
    return nil
  end
  local days = days_from_civil(math.tointeger(y), math.tointeger(mo), math.tointeger(d))
  return days * 86400 + math.tointeger(h) * 3600 + math.tointeger(mi) * 60 + math.tointeger(s)
end

-- kubectl's duration: 45s, 5m30s, 90m, 7h, 2d5h, 30d.
local function duration(seconds)
  local s = math.max(0, seconds)
  local m, h, d = s // 60, s // 3600, s // 86400
  if s < 120 then
    return ("%ds"):format(s)
  elseif m < 10 then
    return s % 60 == 0 and ("%dm"):format(m) or ("%dm%ds"):format(m, s % 60)
  elseif m < 180 then
    return ("%dm"):format(m)
  elseif h < 8 then
    return m % 60 == 0 and ("%dh"):format(h) or ("%dh%dm"):format(h, m % 60)
  elseif h < 48 then
    return ("%dh"):format(h)
  elseif d < 8 then
    return h % 24 == 0 and ("%dd"):format(d) or ("%dd%dh"):format(d, h % 24)
  end
  return ("%dd"):format(d)
end

local function age(object)
  local created = parse_time(object.metadata and object.metadata.creationTimestamp)
  return created and duration(os.time() - created) or "<unknown>"
end

local function condition(object, kind)
  for _, c in ipairs(object.status and object.status.conditions or {}) do
    if c.type == kind then
      return c
    end
  end
  return {}
end

local function ready_containers(pod)
  local ready, all = 0, #(pod.spec and pod.spec.containers or {})
  for _, c in ipairs(pod.status and pod.status.containerStatuses or {}) do
    ready = ready + (c.ready and 1 or 0)
  end
  return ("%d/%d"):format(ready, all)
end

local function pod_status(pod)
  if pod.metadata.deletionTimestamp then
    return "Terminating"
  end
  local status = pod.status or {}
  for _, c in ipairs(status.containerStatuses or {}) do
    local waiting = c.state and c.state.waiting
    local ended = c.state and c.state.terminated
    if waiting and waiting.reason then
      return waiting.reason
    elseif ended and ended.reason then
      return ended.reason
    end
  end
  return status.reason or status.phase or "Unknown"
end

local function restarts(pod)
  local n = 0
  for _, c in ipairs(pod.status and pod.status.containerStatuses or {}) do
    n = n + (c.restartCount or 0)
  end
  return tostring(n)
end

local function count(t)
  local n = 0
  for _ in pairs(t or {}) do
    n = n + 1
  end
  return tostring(n)
end

local function name(object)
  return object.metadata.name
end

local COLUMNS = {
  Sandbox = {
    { "NAME", name },
    { "READY", function(o) return condition(o, "Ready").status or "Unknown" end },
    { "REASON", function(o) return condition(o, "Ready").reason or "" end },
    { "AGE", age },
  },
  Pod = {
    { "NAME", name },
    { "READY", ready_containers },
    { "STATUS", pod_status },
    { "RESTARTS", restarts },
    { "AGE", age },
    { "IP", function(o) return o.status and o.status.podIP or "<none>" end, wide = true },
    { "NODE", function(o) return o.spec and o.spec.nodeName or "<none>" end, wide = true },
  },
  Namespace = {
    { "NAME", name },
    { "STATUS", function(o) return o.status and o.status.phase or "Unknown" end },
    { "AGE", age },
  },
  Secret = {
    { "NAME", name },
    { "TYPE", function(o) return o.type or "" end },
    { "DATA", function(o) return count(o.data) end },
    { "AGE", age },
  },
  ConfigMap = {
    { "NAME", name },
    { "DATA", function(o) return count(o.data) end },
    { "AGE", age },
  },
  Event = {
    { "LAST SEEN", function(o)
      local seen = parse_time(o.lastTimestamp or o.eventTime)
      return seen and duration(os.time() - seen) or age(o)
    end },
    { "TYPE", function(o) return o.type or "" end },
    { "REASON", function(o) return o.reason or "" end },
    { "OBJECT", function(o)
      local ref = o.involvedObject or {}
      return ("%s/%s"):format((ref.kind or "?"):lower(), ref.name or "?")
    end },
    { "MESSAGE", function(o) return (o.message or ""):gsub("%s+", " ") end },
  },
}
local GENERIC = { { "NAME", name }, { "AGE", age } }

-- Text from a cluster may hold terminal sequences: show, do not obey.
local function clean(text)
  return native.escape(tostring(text))
end

-- kubectl's: three spaces between columns, none narrower than six.
local GAP, MIN = 3, 6

--- widths: of the columns so far; they only grow.
local function layout(rows, widths)
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do
      widths[i] = math.max(widths[i] or 0, utf8.len(cell) or #cell)
    end
  end
  local lines = {}
  for _, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do
      local pad = i < #row and math.max(widths[i] + GAP, MIN) - (utf8.len(cell) or #cell) or 0
      cells[i] = cell .. (" "):rep(pad)
    end
    lines[#lines + 1] = table.concat(cells)
  end
  return table.concat(lines, "\n")
end

--- Rows of strings as an aligned table; what a terminal would obey is escaped.
--- @param rows string[][] the first is the heading
--- @return string text without the last newline
function M.rows(rows)
  local out = {}
  for i, row in ipairs(rows) do
    out[i] = {}
    for j, cell in ipairs(row) do
      out[i][j] = clean(cell)
    end
  end
  return layout(out, {})
end

local MAX_VALUE = 60

--- Any value as a cell: JSON but for strings, "-" for nil, cut when it is long.
--- @return string
function M.value(value)
  if value == nil then
    return "-"
  end
  local text = type(value) == "string" and value or json.encode(value)
  if #text <= MAX_VALUE then
    return text
  end
  local cut = utf8.offset(text, 0, MAX_VALUE) or MAX_VALUE
  return text:sub(1, cut - 1) .. "…"
end

local function labels_of(object)
  local pairs_ = {}
  for key, value in pairs(object.metadata.labels or {}) do
    pairs_[#pairs_ + 1] = ("%s=%s"):format(key, tostring(value))
  end
  table.sort(pairs_)
  return #pairs_ > 0 and table.concat(pairs_, ",") or "<none>"
end

-- A cell of the server's as kubectl prints it: the first line of a text, nothing for null.
local function server_cell(value)
  if value == nil or value == json.null then
    return ""
  elseif type(value) == "table" then
    return json.encode(value)
  end
  local text = tostring(value)
  local at = text:find("[\n\r\f]")
  return at and text:sub(1, at - 1) .. "..." or text
end

-- The columns that the server itself prints (kube/table.h), in the form of COLUMNS.
local function server_columns(definitions)
  local columns = {}
  for i, definition in ipairs(definitions) do
    columns[i] = {
      tostring(definition.name):upper(),
      function(object)
        return server_cell((object.cells or {})[i])
      end,
      wide = (tonumber(definition.priority) or 0) ~= 0,
      named = definition.format == "name",
    }
  end
  return columns
end

local function columns_of(object, definitions, options)
  local columns = {}
  if options.namespace then
    columns[1] = { "NAMESPACE", function(o) return o.metadata.namespace or "" end }
  end
  for _, column in ipairs(definitions and server_columns(definitions) or COLUMNS[object.kind] or GENERIC) do
    if options.wide or not column.wide then
      columns[#columns + 1] = options.prefix and (column.named or column[1] == "NAME")
        and { column[1], function(o) return options.prefix(o) .. column[2](o) end } or column
    end
  end
  columns[#columns + 1] = options.labels and { "LABELS", labels_of } or nil
  return columns
end

local function row_of(object, columns)
  local row = {}
  for i, column in ipairs(columns) do
    row[i] = clean((column[2](object)))
  end
  return row
end

--- A table that is made a page at a time: a column is as wide as what was seen of it so far.
--- @param options? { namespace?: boolean, labels?: boolean, wide?: boolean, prefix?: fun(object): string } a
---   NAMESPACE column in front, LABELS at the end, the columns that are for wide terminals, what stands before names
--- @return fun(objects: table[], definitions?: table[]): string  objects of one kind, not empty, with the server's
---   columnDefinitions where their cells are the server's; text without the last newline
function M.pages(options)
  local columns, widths = nil, {}
  options = options or {}
  return function(objects, definitions)
    local rows = {}
    if not columns then
      columns = columns_of(objects[1], definitions, options)
      rows[1] = {}
      for i, column in ipairs(columns) do
        rows[1][i] = clean(column[1])
      end
    end
    for _, object in ipairs(objects) do
      rows[#rows + 1] = row_of(object, columns)
    end
    return layout(rows, widths)
  end
end

--- A table of objects of one kind (the first one's).
--- @param objects table[] not empty
--- @param options? { namespace?: boolean } a NAMESPACE column in front
--- @return string text without the last newline
function M.render(objects, options)
  return M.pages(options)(objects)
end

return M
