-- help: the k8s module (src/bind/k8s*.c). A ref is an object or {kind=, name=, namespace=, apiVersion=};
-- kind is any name of the kind: "Pod", "pods", "po". timeout is in seconds.
return {
  {
    name = "k8s.apply",
    args = [[object | {object…} | "yaml",
  {fieldManager="sandscript", force=false, dryRun=false, namespace=nil, exactVersion=false, timeout=30}]],
    returns = "stored object | array | nil, err",
    doc = [[Server-side apply. A list is sent in the order of its dependencies and stops at the first error,
with what was stored in err.applied. A conflict names the fields and their managers in err.causes.
What is returned has no metadata.managedFields (k8s.get has them).]],
    yields = true,
  },
  {
    name = "k8s.create",
    args = [[object, {fieldManager="sandscript", dryRun=false, namespace=nil, exactVersion=false, timeout=30}]],
    returns = "stored object | nil, err",
    doc = "Creates; err.code is already_exists when the name is taken.",
    yields = true,
  },
  {
    name = "k8s.get",
    args = "ref, {timeout=30, exactVersion=false}",
    returns = "object | nil, err",
    doc = "One object; err.code is not_found when it is not there.",
    yields = true,
  },
  {
    name = "k8s.patch",
    args = [[ref, patch, {type="merge" | "json" | "apply", subresource=nil, fieldManager="sandscript", force=false,
  dryRun=false, exactVersion=false, timeout=30}]],
    returns = "stored object | nil, err",
    doc = [[A merge patch removes a field by json.null; a json patch is a list of {op=, path=, value=}. What
reaches a pod spec is tried by dry run first, and the result must pass the guard.]],
    yields = true,
  },
  {
    name = "k8s.list",
    args = [[{kind=, apiVersion=, namespace=, allNamespaces=false, labelSelector=, fieldSelector=, chunkSize=500,
  timeout=30, exactVersion=false}]],
    returns = "array, list metadata | nil, err",
    doc = "Every page; each item has its apiVersion and kind.",
    yields = true,
  },
  {
    name = "k8s.delete",
    args = [[ref | {kind=, namespace=, labelSelector=},
  {propagation="Foreground" | "Background" | "Orphan", wait=false, uid=nil, ignoreNotFound=true,
   gracePeriodSeconds=nil, dryRun=false, exactVersion=false, timeout=30}]],
    returns = "last object | true | nil, err",
    doc = "One object, or every match of a selector; with wait, until it is gone.",
    yields = true,
  },
  {
    name = "k8s.watch",
    args = [[{kind=, apiVersion=, namespace=, name=, allNamespaces=false, labelSelector=, fieldSelector=,
  resourceVersion=, timeout=nil}]],
    returns = "watch | nil, err",
    doc = [[for ev in watch do … ev.type, ev.object … end. Without resourceVersion what is there comes first, as
ADDED. It resumes by itself; it ends by watch:close(), <close>, or after timeout seconds; a failure for good
raises from the iterator.]],
    yields = false,
  },
  {
    name = "k8s.wait",
    args = [[ref, {ready="Ready" | "Available=False" | fn(object), fail=fn(object), deleted=false, timeout=60,
  progress=fn(text)}]],
    returns = "object | true for deleted | nil, err",
    doc = [[By watch, never by polling. A missing object is waited for; its deletion meanwhile, and causes that
will not heal, fail at once with the pod's own reason. fail may return the reason as a string.]],
    yields = true,
  },
  {
    name = "k8s.diff",
    args = [[object, {namespace=nil, fieldManager="sandscript", force=false, exactVersion=false, timeout=30}]],
    returns = "{same=, exists=, changes={{path=, op=, from=, to=}…}, text=} | nil, err",
    doc = "What applying would change, by a dry run; what the server manages is left out.",
    yields = true,
  },
  {
    name = "k8s.events",
    args = "ref, {timeout=30}",
    returns = "array | nil, err",
    doc = "The Events about an object, oldest first.",
    yields = true,
  },
  {
    name = "k8s.kinds",
    args = "{timeout=30}",
    returns = "{{kind=, apiVersion=, resource=, namespaced=, shortNames=, verbs=}…} | nil, err",
    doc = "What the cluster serves.",
    yields = true,
  },
  {
    name = "k8s.version",
    args = "{timeout=30}",
    returns = "{major=, minor=, gitVersion=, …} | nil, err",
    doc = "The version of the server.",
    yields = true,
  },
  {
    name = "k8s.connect",
    args = [[{kubeconfig=, context=, namespace=, cluster="embedded:FILE"}]],
    returns = "client | nil, err",
    doc = [[A client of its own: a table with the functions of k8s, and context, namespace and server as strings.
Closed when nothing refers to it any more.]],
    yields = false,
  },
}
