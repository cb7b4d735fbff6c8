-- help: the policy module (src/bind/policy.c).
return {
  summary = "what adapters and overlays make of a request; their generations",
  {
    name = "policy.build",
    summary = "the manifest that an adapter makes of a request",
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
  namespace="default", sandboxName="s1",
  envSecretName="s1-env", serviceAccountName="agent",
})]],
    yields = false,
  },
  {
    name = "policy.list",
    summary = "the adapters that serve, and the files that fail",
    args = "",
    returns = "{{name=, file=, sha256=, hooks=}…}, {generation=, failed={…}, reload={…}}",
    params = {},
    results = { "policy.Listed[]? adapters", "policy.State|sandscript.Error state # the error after nil" },
    doc = [[The adapters that serve, by name. failed: the files whose newest content does not serve,
{name=, file=, line=, path=, message=, since=, held=} (held: an older version does; cached: it was kept on disk).
reload: what loading anew did in this process, {watching=, rolled_back=, passes=, loads=, failures=, last_ms=}.]],
    example = "policy.list()",
    yields = false,
  },
  {
    name = "policy.get",
    summary = "the fields of an adapter, with the overlays that apply",
    args = "adapter, {tenant=nil}",
    returns = "declaration | nil, err",
    params = { "adapter string", "options? options" },
    results = { "Adapter? declared # with its file and sha256", "sandscript.Error? err" },
    doc = [[What an adapter declares (image, env, egress, probe, …) with the overlays of the tenant, or of
everybody; with its file and sha256.]],
    example = [[policy.get("claude_local").image]],
    yields = false,
  },
  {
    name = "policy.reload",
    summary = "load the policy files that changed",
    args = "",
    returns = "generation, {changed={{name=, change=}…}, failed={…}} | nil, err",
    params = {},
    results = { "integer? generation", "policy.Reloaded|sandscript.Error info # the error after nil" },
    doc = [[Looks at the policy folder now and loads what changed, while other tasks go on: what fails keeps its
last good version. change is added, changed or removed; failed as in policy.list(). Ends a rollback. With run --watch
it happens by itself.]],
    example = "policy.reload()",
    yields = true,
  },
  {
    name = "policy.wait",
    summary = "wait until a generation of the policy serves",
    args = "generation, {timeout=60}",
    returns = "generation | nil, err",
    params = { "generation integer", "options? options" },
    results = { "integer? generation # that serves", "sandscript.Error? err" },
    doc = "Waits until this generation, or a later one, serves. err.code: timeout, canceled.",
    example = "policy.wait(1)",
    yields = true,
  },
  {
    name = "policy.history",
    summary = "the generations of the policy in this process",
    args = "",
    returns = "{{generation=, at=, reason=, of=, serving=, changed={{name=, change=}…}}…}",
    params = {},
    results = { "policy.Generation[]? generations # newest first", "sandscript.Error? err" },
    doc = [[The last 32 generations of this process (another process has its own), newest first. reason is start,
files, reload or rollback (to the content of generation `of`).]],
    example = "policy.history()",
    yields = false,
  },
  {
    name = "policy.diff",
    summary = "the difference between two generations, as a diff",
    args = "a, b",
    returns = "{same=, text=, files={…}} | nil, err",
    params = { "a? integer", "b? integer" },
    results = { "policy.Difference? difference", "sandscript.Error? err" },
    doc = [[What differs between two generations of this process, as a unified diff of their files. b defaults to
the one that serves, a to the one before b. err.code: not_found (it is not kept).]],
    example = "policy.diff()",
    yields = false,
  },
  {
    name = "policy.rollback",
    summary = "let an earlier generation serve again",
    args = "n",
    returns = "generation | nil, err",
    params = { "n integer" },
    results = { "integer? generation # the new one", "sandscript.Error? err" },
    doc = [[The content of generation n serves again, as a new generation, until a file changes or policy.reload()
is called: the files are as they were, so put them right, too. err.code: not_found (it is not kept).]],
    example = "policy.rollback(1)",
    yields = false,
  },
  {
    name = "policy.explain",
    summary = "where each value of a manifest comes from",
    args = "adapter, input",
    returns = "{[path] = {layer=, file=, line=, was=}…} | nil, err",
    params = { "adapter string", "input policy.Input" },
    results = { "table<string, policy.Explained>? leaves", "sandscript.Error? err" },
    doc = [[Where each value of the manifest that policy.build makes comes from, by its path
("spec.podTemplate.spec.containers[0].image"): the layer that set it (builder default, adapter, overlay, request,
hook), the file and line, and the value before. What input set names the line of this call.
err.code: as policy.build.]],
    example = [[policy.explain("claude_local", {
  namespace="default", sandboxName="s1",
  envSecretName="s1-env", serviceAccountName="agent",
}).apiVersion]],
    yields = false,
  },
}
