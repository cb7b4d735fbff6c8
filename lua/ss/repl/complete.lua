-- What may stand where the cursor is. Nothing of what is completed runs, and nothing waits: raw
-- fields of values, the tables of lua/ss/api, and the lists of ss.repl.cache.
local api = require("ss.reference")
local cache = require("ss.repl.cache")
local cursor = require("ss.repl.cursor")
local raw = require("ss.repl.raw")
local scan = require("ss.repl.scan")
local values = require("ss.repl.value")
local words = require("ss.repl.words")

local M = {}

local G = _G
local ipairs, next, require, setmetatable, table, tostring, type =
  ipairs, next, require, setmetatable, table, tostring, type

local MAX_BYTES = 64 << 10      -- of text before the cursor
local MAX_FIELDS = 20000         -- looked at
local MAX_SORTED = 2000         -- candidates that come in no order

-- Methods of handles, whose metatables are locked.
local METHODS = {
  ["sandscript.watch"] = { "close" },
}
-- Keys of an object below its outermost ones.
local NESTED = {
  metadata = { "name", "namespace", "labels", "annotations" },
}

-- --- collecting ----------------------------------------------------------------------

local Result = {}
Result.__index = Result

local function new_result(prefix)
  return setmetatable({ prefix = prefix, found = {}, notes = {} }, Result)
end

--- @param about string|nil  a few words on it
function Result:add(word, suffix, about)
  if word:sub(1, #self.prefix) == self.prefix then
    self.found[word .. (suffix or "")] = about or ""
  end
end

function Result:add_all(list, suffix)
  for _, word in ipairs(list or {}) do
    self:add(word, suffix)
  end
end

--- What is said when there is nothing to offer.
function Result:note(text)
  self.notes[#self.notes + 1] = text
end

--- The words of a cached list: bisected, since it may be long, and in order already.
function Result:add_cached(list, what)
  if not list.words then
    self:note(list.err and ("no %s: %s"):format(what, tostring(list.err)) or ("asking for the %s …"):format(what))
    return
  end
  local first, last = cache.range(list.words, self.prefix)
  if first then
    self.ordered = table.move(list.words, first, last, 1, {})
  else
    list.useless = true
  end
end

-- Some of the words of a set that is too large to be sorted in time; the least and the greatest
-- among them, so that these two begin as all do.
local function some_of(found)
  local list, least, greatest = {}, nil, nil
  for word in next, found do
    least = (not least or word < least) and word or least
    greatest = (not greatest or word > greatest) and word or greatest
    list[#list + 1] = word
  end
  local n = #list
  if n <= MAX_SORTED then
    return list
  end
  list = table.move(list, 1, MAX_SORTED, 1, {})
  list[#list + 1], list[#list + 2] = least, greatest
  return list
end

-- Each word once, in order.
local function in_order(result)
  local list = result.ordered
  if list and next(result.found) == nil then
    return list
  end
  for _, word in ipairs(list or {}) do
    result.found[word] = result.found[word] or ""
  end
  list = some_of(result.found)
  table.sort(list)
  for i = #list, 2, -1 do
    if list[i] == list[i - 1] then
      table.remove(list, i)
    end
  end
  return list
end

-- What a look-up answers; notes on the candidates, or on why there are none.
local function finish(result, start, quote)
  local list, notes, noted = in_order(result), {}, false
  local n = #list
  for i, word in ipairs(next(result.found) ~= nil and list or {}) do
    notes[i] = result.found[word]
    noted = noted or notes[i] ~= ""
  end
  if quote and n == 1 and not list[1]:find("/$") then
    list[1] = list[1] .. quote
  end
  return start, list, n == 0 and result.notes or noted and notes or {}
end

-- --- names and fields ---------------------------------------------------------------------

local function is_name(key)
  return key:find("^[%a_][%w_]*$") ~= nil and not scan.KEYWORDS[key]
end

local function add_fields(result, here)
  local v = values.of(here.of, #here.of)
  values.each_field(v, MAX_FIELDS, function(key, value)
    if is_name(key) and (not here.method or type(value) == "function") then
      result:add(key)
    end
  end)
  if here.method then
    return result:add_all(METHODS[raw.type_name(v) or ""])
  end
  local module = values.module_of(v)
  for _, entry in ipairs(module and api.entries(module) or {}) do
    result:add(entry.name:match("([%w_]+)$"), nil, entry.summary)
  end
end

local function add_globals(result, here)
  for key in next, G do
    if type(key) == "string" and is_name(key) then
      result:add(key)
    end
  end
  for name in next, here.locals do
    result:add(name)
  end
  if result.prefix ~= "" then
    for word in next, scan.KEYWORDS do
      result:add(word)
    end
  end
end

-- --- arguments -----------------------------------------------------------------------------------

-- The name that the help has a called function under: its own, or, for a client of k8s.connect,
-- that of the function of k8s.
local function callee_name(chain)
  if not chain then
    return nil
  end
  local v = values.of(chain, #chain)
  local name = type(v) == "function" and api.name_of(v)
  if not name and type(chain[#chain]) == "string" and #chain > 1 then
    local module = values.module_of(values.of(chain, #chain - 1))
    name = (module or "k8s") .. "." .. chain[#chain]
  end
  return name and api.entry(name) and name or nil
end

-- Is the call one of the prompt's own cluster, not of another client?
local function is_own(chain)
  return #chain == 2 and chain[1] == "k8s"
end

local function add_values(session, result, name, call)
  local key, own = call.key, call.callee and is_own(call.callee)
  local _, choices = api.options(name or "", call.index or 1)
  if key and choices[key] then
    result:add_all(choices[key])
  elseif key == "kind" then
    words.kinds(session, result)
  elseif key == "namespace" then
    result:add_cached(session.cache:namespaces(), "namespaces")
  elseif key == "name" and own and call.pairs.kind then
    result:add_cached(session.cache:names(call.pairs.kind, call.pairs.namespace), "names of " .. call.pairs.kind)
  elseif key == "context" then
    result:add_cached(session.cache:contexts(), "contexts")
  elseif key == "adapterType" or key == "adapter" then
    result:add_cached(session.cache:adapters(), "adapters")
  elseif key == "kubeconfig" then
    return words.files(result)
  elseif key == "apiVersion" then
    result:add_all { "agents.x-k8s.io/v1alpha1", "agents.x-k8s.io/v1beta1", "v1" }
  end
end

-- A string that is an argument by itself.
local function add_argument(session, result, name, call)
  if not name then
    return result.prefix:find("/") and words.files(result) or nil
  elseif call.index == 1 and name:find("^policy%.") then
    result:add_cached(session.cache:adapters(), "adapters")
  elseif name:find("^fs%.") then
    return words.files(result)
  end
end

-- Inside quotes.
local function complete_string(session, here)
  local result = new_result(here.word)
  local call = here.call
  local moved = 0
  if call then
    local name = callee_name(call.callee)
    local add = call.in_table and add_values or add_argument
    moved = add(session, result, name, call) or 0
  elseif here.word:find("/") then
    moved = words.files(result)
  end
  return finish(result, here.start + moved, not here.string:find("%[") and here.string or nil)
end

-- Where a value of a table is expected, the strings that it may be come with their quotes.
local function add_quoted(session, result, name, call)
  local bare = new_result("")
  add_values(session, bare, name, call)
  for _, word in ipairs(in_order(bare)) do
    result:add('"' .. word .. '"')
  end
  table.move(bare.notes, 1, #bare.notes, #result.notes + 1, result.notes)
end

local function add_keys(result, name, call)
  for _, key in ipairs(name and (api.options(name, call.index)) or NESTED[call.parent] or {}) do
    if not call.pairs[key] then
      result:add(key, " = ", api.option_summary(key))
    end
  end
end

local function complete_word(session, here)
  local result = new_result(here.word)
  local call = here.call
  local name = call and callee_name(call.callee)
  if call and call.in_table and call.key_place then
    add_keys(result, name, call)
  elseif call and call.value_place and here.word == "" then
    add_quoted(session, result, name, call)
  end
  if next(result.found) == nil and (here.word ~= "" or not call) then
    add_globals(result, here)
  elseif name and next(result.found) == nil then
    result:note(require("ss.help").short_signature(api.entry(name)))
  end
  return finish(result, here.start)
end

-- --- lines ------------------------------------------------------------------------------------------

local function complete_command(session, text)
  local sign, rest_at, rest = text:match("^%s*([:?]%??)()(.*)$")
  local start = rest_at - 1
  if sign:sub(1, 1) == "?" then
    local result = new_result(rest)
    words.topics(result)
    if next(result.found) == nil then
      local here = cursor.at(rest)
      if here and here.of then
        result = new_result(here.word)
        add_fields(result, here)
        return finish(result, start + here.start)
      end
      add_globals(result, { locals = {} })
    end
    return finish(result, start)
  end
  local before, word = rest:match("^(.-)(%S*)$")
  local result = new_result(word)
  local moved = words.command(session, result, before) or 0
  return finish(result, start + #before + moved)
end

--- @param text string  the whole block
--- @param at integer  the cursor, bytes from 0
--- @return integer start  bytes from 0
--- @return string[] candidates for the bytes from start to the cursor
--- @return string[] notes
function M.complete(session, text, at)
  text = text:sub(1, at)
  if #text > MAX_BYTES then
    return at, {}, {}
  elseif text:find("^%s*[:?]") then
    return complete_command(session, text)
  end
  local here = cursor.at(text)
  if not here then
    return at, {}, {}
  elseif here.of then
    local result = new_result(here.word)
    add_fields(result, here)
    return finish(result, here.start)
  elseif here.string then
    return complete_string(session, here)
  end
  return complete_word(session, here)
end

return M
