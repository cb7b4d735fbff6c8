#include <lauxlib.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/yaml.h"
#include "bind/diff_text.h"
#include "bind/k8s_priv.h"
#include "kube/verbs.h"
#include "script/luax.h"

static int encode(const struct ss_doc *doc, const char *field, struct ss_buf *out,
                  struct ss_err *err)
{
	ss_node node = ss_doc_get(doc, ss_doc_root(doc), field);

	if (node == SS_NO_NODE || ss_doc_type(doc, node) == SS_NULL)
		return 0;
	return ss_yaml_encode(doc, node, out, err);
}

/* {same, exists, changes, live, merged} -> {same, exists, changes, text} */
static int add_text(const struct ss_doc *from, struct ss_doc *to, struct ss_err *err)
{
	struct ss_buf live SS_AUTO_BUF = SS_BUF_INIT, merged SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	ss_node root = ss_doc_root(from);
	int rc = encode(from, "live", &live, err);

	if (rc == 0)
		rc = encode(from, "merged", &merged, err);
	if (rc)
		return rc;
	if (!ss_doc_get_bool(from, ss_doc_get(from, root, "same"), false))
		ss_diff_text(live.data ? live.data : "", live.len, merged.data ? merged.data : "",
		             merged.len, &text);
	rc = ss_buf_check(&text, "the difference", err);
	if (rc)
		return rc;
	ss_doc_begin_object(to);
	ss_doc_put_copy(to, "same", from, ss_doc_get(from, root, "same"));
	ss_doc_put_copy(to, "exists", from, ss_doc_get(from, root, "exists"));
	ss_doc_put_copy(to, "changes", from, ss_doc_get(from, root, "changes"));
	ss_doc_put_string(to, "text", text.data ? text.data : "");
	ss_doc_end(to);
	return ss_doc_finish(to, err);
}

static void on_diff(void *ud, struct ss_result *result, const struct ss_err *failure)
{
	struct ss_await *a = ud;
	struct ss_err err SS_AUTO_ERR;
	int rc = 0;

	ss_err_init(&err);
	if (!failure) {
		a->doc = ss_doc_new();
		rc = a->doc ? add_text(result->doc, a->doc, &err) : ss_err_nomem(&err);
	}
	ss_await_finish(a, failure ? failure : rc ? &err : NULL);
}

/* k8s.diff(object, {namespace=nil, fieldManager="sandscript", force=false, exactVersion=false,
 *          timeout=30}) --> {same=, exists=, changes=, text=}
 * What applying would change, by a dry run; what the server manages is left out.
 * changes is {{path=, op="add"|"remove"|"replace", from=, to=}…}, text a unified diff of the YAML.
 * raises: no object with apiVersion and kind, unknown option
 * returns nil, err: as k8s.apply
 * yields: yes */
int l_k8s_diff(lua_State *L)
{
	static const char *const names[] = {"namespace",    "fieldManager", "force",
	                                    "exactVersion", "timeout",      NULL};
	static const struct k8s_verb verb = {"k8s.diff", names, 2};
	const char *namespace_;
	struct ss_call call;
	struct ss_doc *doc;
	struct k8s_op op;

	lua_settop(L, 2);
	k8s_check_call(L, 2, &verb, &call);
	namespace_ = ss_lua_opt_string(L, 2, "k8s.diff", "namespace", NULL);
	doc = k8s_check_object(L, 1, &verb);
	if (k8s_begin(L, &op, NULL))
		op.rc = ss_kube_diff(op.client, doc, ss_doc_root(doc), namespace_, &call, on_diff,
		                     op.await, &op.op, &op.err);
	ss_lua_close_box(L, 3);
	return k8s_wait_for(L, &op);
}
