-- help: the k8s module (src/bind/k8s*.c). A ref is an object or {kind=, name=, namespace=, apiVersion=};
-- kind is any name of the kind: "Pod", "pods", "po". timeout is in seconds.
return {
  summary = "objects of the cluster: read, write, watch, wait",
  {
    name = "k8s.apply",
    summary = "store objects by server-side apply, in dependency order",
    args = [[object | {object…} | "yaml",
  {fieldManager="sandscript", force=false, dryRun=false, namespace=nil, exactVersion=false, timeout=30}]],
    returns = "stored object | array | nil, err",
    params = { "objects k8s.Object|k8s.Object[]|string", "options? options" },
    results = { "k8s.Object|k8s.Object[]|nil stored", "sandscript.Error? err" },
    doc = [[Server-side apply. A list is sent in the order of its dependencies and stops at the first error,
with what was stored in err.applied. A conflict names the fields and their managers in err.causes.
What is returned has no metadata.managedFields (k8s.get has them).]],
    example = [[k8s.apply{
  apiVersion="v1", kind="ConfigMap", metadata={name="settings"},
  data={color="blue"},
}]],
    yields = true,
  },
  {
    name = "k8s.create",
    summary = "store an object that must not be there yet",
    args = [[object, {fieldManager="sandscript", dryRun=false, namespace=nil, exactVersion=false, timeout=30}]],
    returns = "stored object | nil, err",
    params = { "object k8s.Object", "options? options" },
    results = { "k8s.Object? stored", "sandscript.Error? err" },
    doc = "Creates; err.code is already_exists when the name is taken.",
    example = [[k8s.create{
  apiVersion="v1", kind="ConfigMap",
  metadata={generateName="settings-"},
}]],
    yields = true,
  },
  {
    name = "k8s.get",
    summary = "read one object",
    args = "ref, {timeout=30, exactVersion=false}",
    returns = "object | nil, err",
    params = { "ref k8s.Ref", "options? options" },
    results = { "k8s.Object? object", "sandscript.Error? err" },
    doc = "One object; err.code is not_found when it is not there.",
    example = [[k8s.get{kind="Namespace", name="default"}]],
    yields = true,
  },
  {
    name = "k8s.patch",
    summary = "change parts of a stored object",
    args = [[ref, patch, {type="merge" | "json" | "apply", subresource=nil, fieldManager="sandscript", force=false,
  dryRun=false, exactVersion=false, timeout=30}]],
    returns = "stored object | nil, err",
    params = { "ref k8s.Ref", "patch table", "options? options" },
    results = { "k8s.Object? stored", "sandscript.Error? err" },
    doc = [[A merge patch removes a field by json.null; a json patch is a list of {op=, path=, value=}. What
reaches a pod spec is tried by dry run first, and the result must pass the guard.]],
    example = [[local settings = assert(k8s.apply{
  apiVersion="v1", kind="ConfigMap", metadata={name="settings"},
})
return k8s.patch(settings, {data={color="red"}})]],
    yields = true,
  },
  {
    name = "k8s.list",
    summary = "read all objects of a kind, or those that a selector matches",
    args = [[{kind=, apiVersion=, namespace=, allNamespaces=false, labelSelector=, fieldSelector=, chunkSize=500,
  continue=nil, maxBytes=67108864, timeout=30, exactVersion=false}]],
    returns = "array, list metadata | nil, err",
    params = { "query options" },
    results = { "k8s.Object[]? objects", "table|sandscript.Error metadata # of the list; the error after nil" },
    doc = [[Every page; each item has its apiVersion and kind. More than maxBytes of text is an error ("limit").
For lists of any size, continue="" gives the first page alone, and metadata.continue of a page is what the next
one is asked for with, until it is nil or "". Where a page comes too late for the state that the list began with,
the rest is as it is then.]],
    example = [[k8s.list{kind="Namespace"}]],
    yields = true,
  },
  {
    name = "k8s.delete",
    summary = "delete an object, or those that a selector matches",
    args = [[ref | {kind=, namespace=, labelSelector=},
  {propagation="Foreground" | "Background" | "Orphan", wait=false, uid=nil, ignoreNotFound=true,
   gracePeriodSeconds=nil, dryRun=false, exactVersion=false, timeout=30}]],
    returns = "last object | true | nil, err",
    params = { "target k8s.Ref|options", "options? options" },
    results = { "k8s.Object|true|nil last", "sandscript.Error? err" },
    doc = "One object, or every match of a selector; with wait, until it is gone.",
    example = [[k8s.delete{kind="ConfigMap", name="settings"}]],
    yields = true,
  },
  {
    name = "k8s.watch",
    summary = "iterate over what happens to objects, as it happens",
    args = [[{kind=, apiVersion=, namespace=, name=, allNamespaces=false, labelSelector=, fieldSelector=,
  resourceVersion=, timeout=nil}]],
    returns = "watch | nil, err",
    params = { "query options" },
    results = { "k8s.Watch? watch", "sandscript.Error? err" },
    doc = [[for ev in watch do … ev.type, ev.object … end. Without resourceVersion what is there comes first, as
ADDED. It resumes by itself; it ends by watch:close(), <close>, or after timeout seconds; a failure for good
raises from the iterator.]],
    example = [[local query = {kind="Namespace", name="default"}
local watch <close> = assert(k8s.watch(query))
for event in watch do
  print(event.type, event.object.metadata.name)
  break
end]],
    yields = false,
  },
  {
    name = "k8s.wait",
    summary = "wait until an object is ready, or gone",
    args = [[ref, {ready="Ready" | "Available=False" | fn(object), fail=fn(object), deleted=false, timeout=60,
  progress=fn(text)}]],
    returns = "object | true for deleted | nil, err",
    params = { "ref k8s.Ref", "options? options" },
    results = { "k8s.Object|true|nil object", "sandscript.Error? err" },
    doc = [[By watch, never by polling. A missing object is waited for; its deletion meanwhile, and causes that
will not heal, fail at once with the pod's own reason. fail may return the reason as a string.]],
    example = [[k8s.wait({kind="Namespace", name="default"}, {
  ready=function(o) return o.status.phase == "Active" end,
})]],
    yields = true,
  },
  {
    name = "k8s.diff",
    summary = "what applying an object would change",
    args = [[object, {namespace=nil, fieldManager="sandscript", force=false, exactVersion=false, timeout=30}]],
    returns = "{same=, exists=, changes={{path=, op=, from=, to=}…}, text=} | nil, err",
    params = { "object k8s.Object", "options? options" },
    results = { "k8s.Diff? diff", "sandscript.Error? err" },
    doc = "What applying would change, by a dry run; what the server manages is left out.",
    example = [[k8s.diff{
  apiVersion="v1", kind="ConfigMap", metadata={name="settings"},
  data={color="green"},
}]],
    yields = true,
  },
  {
    name = "k8s.events",
    summary = "what the cluster has reported of an object",
    args = "ref, {timeout=30}",
    returns = "array | nil, err",
    params = { "ref k8s.Ref", "options? options" },
    results = { "k8s.Object[]? events", "sandscript.Error? err" },
    doc = "The Events about an object, oldest first.",
    example = [[k8s.events{kind="Namespace", name="default"}]],
    yields = true,
  },
  {
    name = "k8s.kinds",
    summary = "the kinds that the cluster serves",
    args = "{timeout=30}",
    returns = "{{kind=, apiVersion=, resource=, namespaced=, shortNames=, verbs=}…} | nil, err",
    params = { "options? options" },
    results = { "k8s.Kind[]? kinds", "sandscript.Error? err" },
    doc = "What the cluster serves.",
    example = "k8s.kinds()",
    yields = true,
  },
  {
    name = "k8s.version",
    summary = "the version of the cluster's server",
    args = "{timeout=30}",
    returns = "{major=, minor=, gitVersion=, …} | nil, err",
    params = { "options? options" },
    results = { "table<string, any>? version", "sandscript.Error? err" },
    doc = "The version of the server.",
    example = "k8s.version()",
    yields = true,
  },
  {
    name = "k8s.connect",
    summary = "a client of another cluster, context or namespace",
    args = [[{kubeconfig=, context=, namespace=, cluster="embedded:FILE"}]],
    returns = "client | nil, err",
    params = { "options? options" },
    results = { "k8s.Client? client", "sandscript.Error? err" },
    doc = [[A client of its own: a table with the functions of k8s, and context, namespace and server as strings.
Closed when nothing refers to it any more.]],
    example = [[local other = assert(k8s.connect{cluster="embedded::memory:"})
return other.list{kind="Namespace"}]],
    yields = false,
  },
}
