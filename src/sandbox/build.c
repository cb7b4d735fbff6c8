#include "sandbox/build.h"

#include "base/err.h"
#include "sandbox/build_priv.h"

static int report(struct build_problems *p, struct ss_err *err)
{
	if (p->nomem || (p->list && (ss_doc_end(p->list), ss_doc_finish(p->list, NULL) < 0))) {
		ss_doc_free(p->list);
		return ss_err_nomem(err);
	}
	if (p->count > 1)
		ss_err_set(err, SS_ERR_INVAL, "%s (and %zu more)", p->first, p->count - 1);
	else
		ss_err_set(err, SS_ERR_INVAL, "%s", p->first);
	if (err)
		err->details = p->list;
	else
		ss_doc_free(p->list);
	return SS_ERR_INVAL;
}

/* marks: NULL for the manifest itself. */
static int build(const struct ss_doc *input, ss_node node, const struct ss_doc *marks,
                 ss_node marks_node, struct ss_doc *out, struct ss_err *err)
{
	struct build_problems problems;
	struct build_input in;
	int rc;

	problems.count = 0;
	problems.list = NULL;
	problems.nomem = false;
	build_read(&in, input, node, &problems);
	if (problems.count || problems.nomem) {
		rc = report(&problems, err);
	} else {
		if (marks)
			build_mark(&in, marks, marks_node);
		build_write(&in, out);
		rc = ss_doc_failed(out);
		if (rc)
			ss_err_set(err, rc, "writing the manifest failed: %s", ss_code_name(rc));
	}
	build_input_done(&in);
	return rc;
}

int ss_build_sandbox(const struct ss_doc *input, ss_node node, struct ss_doc *out,
                     struct ss_err *err)
{
	return build(input, node, NULL, SS_NO_NODE, out, err);
}

int ss_build_marked(const struct ss_doc *input, ss_node node, const struct ss_doc *marks,
                    ss_node marks_node, struct ss_doc *out, struct ss_err *err)
{
	return build(input, node, marks, marks_node, out, err);
}
