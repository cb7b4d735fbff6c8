-- help: the json module (src/bind/json.c).
return {
  summary = "JSON texts and values",
  {
    name = "json.encode",
    summary = "a value as JSON text",
    args = "value, {indent=false}",
    returns = "text",
    params = { "value any", "options? options" },
    results = { "string text" },
    doc = [[One line without spaces, or indented by two. Keys come out sorted, in a manifest of sandbox.build in
its own order. A table with the keys 1..n is a list, any other an object. What was decoded stays what it was
when it is empty; a {} of your own is an object, unless json.array marks it or it stands where a built-in kind
has a list (spec.containers of a Pod …). Integral floats become integers.
Raises for what has no JSON form (a function, NaN, a cycle, mixed keys), with its path.]],
    example = "json.encode({b=json.array{}, a=1}, {indent=true})",
    yields = false,
  },
  {
    name = "json.decode",
    summary = "the value that a JSON text stands for",
    args = "text",
    returns = "value | nil, err",
    params = { "text string" },
    results = { "any value", "sandscript.Error? err" },
    doc = [[Exact: integers stay integers (one beyond 64 bits is a value that tostring shows and json.encode
writes back), null is json.null, lists and empty objects are marked. err.code is "parse", with line
and column.]],
    example = [[json.decode('{"replicas": 3, "names": []}')]],
    yields = false,
  },
  {
    name = "json.decode_all",
    summary = "the values of a stream of JSON texts",
    args = "text",
    returns = "list of values | nil, err",
    params = { "text string" },
    results = { "any[]? values", "sandscript.Error? err" },
    doc = "Every value of a stream of JSON, as jq -c writes it.",
    example = [[#json.decode_all('{"a":1}\n{"a":2}\n')]],
    yields = false,
  },
  {
    name = "json.array",
    summary = "mark a table as a list, so that an empty one is []",
    args = "table | nil",
    returns = "table",
    params = { "t? any[]" },
    results = { "any[] t" },
    doc = "Marks a table (a new one without an argument) as a list, also when it is empty.",
    example = "json.encode{names=json.array{}}",
    yields = false,
  },
  {
    name = "json.null",
    summary = "null, as a value that a table can hold",
    type = "lightuserdata",
    doc = "The same value as cjson.null: a table cannot hold nil.",
    example = "json.encode{removed=json.null}",
    yields = false,
  },
}
