-- The part of k8s.wait that runs a script's functions: over the states that the
-- wait below delivers, in the task of the caller, so that the functions may wait.

-- "Ready", "Available=False": as kubectl's --for=condition.
local function condition_test(text)
  local name, wanted = text:match("^([^=]+)=?(.*)$")
  name, wanted = name:lower(), (wanted ~= "" and wanted or "True"):lower()
  return function(object)
    local generation = object.metadata.generation
    for _, condition in ipairs(object.status and object.status.conditions or {}) do
      if condition.type:lower() == name then
        local seen = condition.observedGeneration
        -- A verdict on an older spec says nothing about this one.
        return condition.status:lower() == wanted and not (seen and generation and seen < generation)
      end
    end
    return false
  end
end

--- @param wait userdata  its next() gives "progress", text | "object", object | "done", object | nil, err
--- @param options table  of k8s.wait
--- @param failed fun(object: table, message: string): nil, table
return function(wait, options, failed)
  local handle <close> = wait
  local ready = options.ready or "Ready"
  if type(ready) == "string" then
    ready = condition_test(ready)
  end
  while true do
    local what, value = handle:next()
    if what == "progress" then
      if options.progress then
        options.progress(value)
      end
    elseif what == "object" then
      local why = options.fail and options.fail(value)
      if why then
        return failed(value, type(why) == "string" and why or "the script's own test says that it failed")
      end
      if ready(value) then
        return value
      end
    elseif what == "done" then
      return value
    else
      return nil, value
    end
  end
end
