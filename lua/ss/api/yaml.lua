-- help: the yaml module (src/bind/yaml.c).
return {
  {
    name = "yaml.encode",
    args = "value",
    returns = "text",
    params = { "value any" },
    results = { "string text" },
    doc = "One document in block style, as kubectl prints it. Raises for what has no JSON form, with its path.",
    example = [[yaml.encode{kind="ConfigMap", data={color="blue"}}]],
    yields = false,
  },
  {
    name = "yaml.decode",
    args = "text",
    returns = "value | nil, err",
    params = { "text string" },
    results = { "any value", "sandscript.Error? err" },
    doc = [[The one document of the text, read as kubectl reads it; json.null when there is none. err.code is
"parse", with line and column, also for a second document.]],
    example = [[yaml.decode("replicas: 3")]],
    yields = false,
  },
  {
    name = "yaml.decode_all",
    args = "text",
    returns = "list of values | nil, err",
    params = { "text string" },
    results = { "any[]? values", "sandscript.Error? err" },
    doc = "Every document of the text; empty ones are left out.",
    example = [[#yaml.decode_all("a: 1\n---\nb: 2\n")]],
    yields = false,
  },
}
