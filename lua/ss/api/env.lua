-- help: the env module (src/bind/env.c).
return {
  {
    name = "env.get",
    args = "name",
    returns = "text | nil",
    doc = "A variable of the environment.",
    yields = false,
  },
}
