-- help: the policy module (src/bind/policy.c).
return {
  {
    name = "policy.build",
    args = "adapter, input",
    returns = "manifest, {generation=, sha256=} | nil, err",
    params = { "adapter string", "input policy.Input" },
    results = { "k8s.Object? manifest", "policy.Origin|sandscript.Error origin # the error after nil" },
    doc = [[The adapter's declared fields, the overlays of local.d/, the input, the adapter's build hook, the
builder and the guard. input.tenant chooses overlays and reaches the hook as context.tenant. A script may set every
field; labels of the policy win. apiVersion defaults to agents.x-k8s.io/v1beta1, adapterType to the
adapter's name. When the manifest is sent it carries the annotation sandscript.dev/policy.
err.code: not_found, invalid, policy, script, limit, timeout.]],
    example = [[policy.build("claude_local", {
  namespace="default", sandboxName="s1", envSecretName="s1-env", serviceAccountName="agent",
})]],
    yields = false,
  },
  {
    name = "policy.list",
    args = "",
    returns = "{{name=, file=, sha256=, hooks=}…}, {generation=, failed={{name=, file=, line=, path=, message=, since=, held=}…}, reload={watching=, rolled_back=, passes=, loads=, failures=, last_ms=}}",
    params = {},
    results = { "policy.Listed[]? adapters", "policy.State|sandscript.Error state # the error after nil" },
    doc = [[The adapters that serve, by name; the files whose newest content does not (held: an older version of
it serves; cached: one that was kept on disk); and what loading anew did so far.]],
    example = "policy.list()",
