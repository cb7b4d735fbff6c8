-- help: the env module (src/bind/env.c).
return {
  summary = "variables of the environment",
  {
    name = "env.get",
    summary = "the value of an environment variable",
    args = "name",
    returns = "text | nil",
    params = { "name string" },
    results = { "string? text" },
    doc = "A variable of the environment.",
    example = [[env.get("HOME")]],
    yields = false,
  },
}
