-- Builder inputs, a line of JSON each, from standard input; a line out for each: the manifest by
-- way of a Lua table as JSON, and false where sandbox.encode would have written another line.
for line in fs.stdin do
  local input = json.decode(line)
  local text = json.encode(assert(sandbox.build(input)))
  print(text == sandbox.encode(input) and text or "false")
end
