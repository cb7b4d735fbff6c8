-- :edit and :load.
local _, ss = ...
local native = require("ss.native")

local M = {}

local require = require

local function fail(session, err)
  session:report_error(err)
  return 1
end

local function edit(session, path)
  if not session.terminal.tty or not session.terminal.edit_file then
    return nil, ":edit needs a terminal"
  end
  local code, err = session.terminal.edit_file(path)
  if not code then
    return nil, err
  elseif code ~= 0 then
    return nil, ("the editor ended with code %d: %s"):format(code, path)
  end
  return true
end

-- The last input that was no command, edited in a file of its own, then run.
local function edit_input(session)
  local block = session.blocks[session.n_inputs]
  local path, err = native.temp_file((block and block.text or "") .. "\n")
  if not path then
    return fail(session, err)
  end
  local _ <close> = setmetatable({}, { __close = function() native.remove(path) end })
  local ok
  ok, err = edit(session, path)
  if not ok then
    return fail(session, err)
  end
  local text
  text, err = ss.fs.read(path)
  if not text then
    return fail(session, err)
  end
  text = text:gsub("%s+$", "")
  if text == "" then
    session:say("nothing to run")
    return 0
  end
  session:write(text:gsub("[^\n\t]+", native.escape) .. "\n")
  return session:run_text(text)
end

-- The file of an adapter; nil when the word is the name of none.
local function adapter_file(word)
  local adapter = not word:find("[/.]") and ss.policy.get(word)
  return adapter and adapter.file or nil
end

function M.edit(session, word)
  if word == "" then
    return edit_input(session)
  end
  local file = adapter_file(word)
  if file then
    require("ss.repl.policy").follow(session)
  end
  local ok, err = edit(session, file or word)
  if not ok then
    return fail(session, err)
  end
  if file or ss.fs.read(word) and require("ss.repl.policy").holds(word) then
    return require("ss.repl.policy").reload(session)
  end
  return 0
end

function M.load(session, path)
  if path == "" then
    return fail(session, ":load FILE")
  end
  local text, err = ss.fs.read(path)
  if not text then
    return fail(session, err)
  end
  return session:load(path, text)
end

return M
