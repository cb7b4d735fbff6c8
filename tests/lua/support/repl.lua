-- A session of the prompt without a terminal: what it writes is kept, what it asks is answered.
--   local repl = require…: see how specs load tests/lua/support/cli.lua
--   local p = repl.new { protected = {"prod"}, answers = {"y"} }
--   p:run("1 + 1") --> "2\n"      what was written by it
--   p:tab("k8s.ap|") --> {"apply"}, notes, start       the cursor stands at the |
--   p:close()
local native = require "ss.native"

local M = {}

local Prompt = {}
Prompt.__index = Prompt

--- @param options? { protected?: string[], read_only?: boolean, answers?: string[], tty?: boolean,
---   columns?: integer, color?: boolean, edit_file?: function }
function M.new(options)
  options = options or {}
  local prompt = setmetatable({ out = {}, asked = {} }, Prompt)
  local answers = options.answers or {}
  prompt.session = require("ss.repl").new({
    tty = options.tty ~= false,
    color = options.color or false,
    size = function() return options.columns or 100, 24 end,
    write = function(text) prompt.out[#prompt.out + 1] = text end,
    tell = function(text) prompt.out[#prompt.out + 1] = text end,
    ask = function(question)
      prompt.asked[#prompt.asked + 1] = question
      return table.remove(answers, 1)
    end,
    edit_file = options.edit_file,
    history = function() return {} end,
  }, options)
  return prompt
end

function Prompt:taken()
  local text = table.concat(self.out)
  self.out = {}
  return text
end

--- @return string what was written
--- @return boolean over
--- @return integer|nil code
function Prompt:run(text)
  self:taken()
  local over, code = self.session:run(text)
  return self:taken(), over, code
end

--- Completions where the | stands.
--- @return string[] candidates
--- @return string[] notes
--- @return string what they replace
function Prompt:tab(text)
  local at = text:find("|", 1, true)
  local whole = text:sub(1, at - 1) .. text:sub(at + 1)
  local start, candidates, notes = self.session:complete(whole, at - 1)
  return candidates, notes, whole:sub(start + 1, at - 1)
end

--- The same, once what was missing has been fetched.
function Prompt:tab_later(text)
  self:tab(text)
  for _ = 1, 500 do
    local waiting = false
    for _, list in pairs(self.session.cache.lists) do
      waiting = waiting or list.fetching
    end
    if not waiting then
      break
    end
    task.sleep(0.01)
  end
  return self:tab(text)
end

function Prompt:close()
  self.session:close()
end

--- The k8s calls of this process go to a cluster in this folder from here on.
function M.cluster(folder)
  assert(native.switch { cluster = "embedded:" .. folder .. "/cluster.db", namespace = "default" })
end

return M
