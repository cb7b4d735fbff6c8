-- help: the yaml module (src/bind/yaml.c).
return {
  summary = "YAML texts and values",
  {
    name = "yaml.encode",
    summary = "a value as a YAML document",
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
    summary = "the value that a YAML document stands for",
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
    summary = "the values of all documents of a YAML text",
    args = "text",
    returns = "list of values | nil, err",
    params = { "text string" },
    results = { "any[]? values", "sandscript.Error? err" },
    doc = "Every document of the text; empty ones are left out.",
    example = [[#yaml.decode_all("a: 1\n---\nb: 2\n")]],
    yields = false,
  },
}
