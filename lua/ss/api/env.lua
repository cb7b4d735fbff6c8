-- help: the env module (src/bind/env.c).
return {
  {
    name = "env.get",
    args = "name",
    returns = "text | nil",
    params = { "name string" },
    results = { "string? text" },
    doc = "A variable of the environment.",
    example = [[env.get("HOME")]],
    yields = false,
  },
}
