-- help: the log module (src/bind/log.c).
local function entry(level)
  return {
    name = "log." .. level,
    summary = ("log a line of the level \"%s\""):format(level),
    args = "message, {name=value, …}",
    params = { "message string", "fields? table<string, any>" },
    results = {},
    doc = "One line on stderr, when --log lets the level " .. level
      .. " through; the fields follow the message as name=value.",
    example = ("log.%s(\"sandbox ready\", {name=\"s1\", seconds=3})"):format(level),
    yields = false,
  }
end

return {
  summary = "lines of the log, on standard error",
  entry("debug"), entry("info"), entry("warn"), entry("error"),
}
