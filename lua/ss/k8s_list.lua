-- The part of k8s.list that joins pages.

--- @param page fun(token: string?): table?, table, integer?  items, metadata and bytes of the page; nil: all at once
--- @param max_bytes integer
--- @param too_large fun(max_bytes: integer): nil, table
return function(page, max_bytes, too_large)
  local items, metadata, bytes = page("")
  local first, token = metadata, items and metadata.continue
  while type(token) == "string" and token ~= "" and bytes <= max_bytes do
    local more, size
    more, metadata, size = page(token)
    if not more and metadata.code == "gone" then
      -- The server has forgotten the state that the pages are of.
      items, metadata, bytes = page()
      first, token = metadata, nil
    elseif not more then
      return nil, metadata
    else
      table.move(more, 1, #more, #items + 1, items)
      bytes = bytes + size
      token = metadata.continue
    end
  end
  if not items then
    return nil, metadata
  elseif bytes > max_bytes then
    return too_large(max_bytes)
  end
  first.continue, first.remainingItemCount = nil, nil
  return items, first
end
