-- help: the sandbox module (src/bind/sandbox.c).
return {
  summary = "manifests of sandboxes, and the guard's verdict on any",
  {
    name = "sandbox.build",
    summary = "the manifest of a sandbox, from the builder's fields alone",
    args = "input",
    returns = "manifest",
    params = { "input sandbox.Input" },
    results = { "k8s.Object manifest" },
    doc = [[The Sandbox object for an input: namespace, sandboxName, adapterType, image, envSecretName,
serviceAccountName, and optionally labels, resources, runtimeClassName, imagePullSecrets and the fields
that `sandscript help build` lists. apiVersion defaults to agents.x-k8s.io/v1alpha1 here, not to what a policy
writes. The input is not changed; equal inputs give equal bytes.
Raises for an unknown, missing or malformed field, with its path and a suggestion.]],
    example = [[sandbox.build{
  namespace="default", sandboxName="s1", adapterType="claude_local",
  image="example.org/agent:v1", envSecretName="s1-env",
  serviceAccountName="agent", labels={team="agents"},
}]],
    yields = false,
  },
  {
    name = "sandbox.encode",
    summary = "the manifest of a sandbox as one line of JSON",
    args = "input",
    returns = "text",
    params = { "input sandbox.Input" },
    results = { "string text" },
    doc = "The same object as one line of JSON, equal to json.encode(sandbox.build(input)).",
    example = [[#sandbox.encode{
  namespace="default", sandboxName="s1", adapterType="claude_local",
  image="example.org/agent:v1", envSecretName="s1-env",
  serviceAccountName="agent", labels={team="agents"},
}]],
    yields = false,
  },
  {
    name = "sandbox.check",
    summary = "ask the guard whether an object may be sent",
    args = "object",
    returns = "true | nil, err",
    params = { "object k8s.Object" },
    results = { "true? passed", "sandscript.Error? err" },
    doc = [[The guard's verdict on an object or a List: Pod Security restricted, and the agent profile on
sandboxes. err.code is "policy" and err[i] = {path=, rule=, message=, fix=}.]],
    example = [[local container = {name="a", image="example.org/a:v1"}
local ok, err = sandbox.check{kind="Pod", spec={containers={container}}}
return ok or err[1].path]],
    yields = false,
  },
}
