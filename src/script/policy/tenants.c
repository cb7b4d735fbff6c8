/* What the overlays make of an adapter, tenant by tenant. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/edit.h"
#include "base/err.h"
#include "script/policy/layers.h"
#include "script/policy/merge.h"

/* What an overlay declares beside what it is for. */
static int put_said(struct ss_doc *out, const struct ss_adapter_version *overlay,
                    struct ss_err *err)
{
	const struct ss_doc *d = ss_adapter_declared(overlay);

	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(d, ss_doc_root(d)); ss_iter_next(&it);) {
		if (strcmp(it.key, "adapter") == 0 || strcmp(it.key, "tenant") == 0)
			continue;
		ss_doc_key(out, it.key, it.key_len);
		ss_doc_copy(out, d, it.value);
	}
	ss_doc_end(out);
	return ss_doc_finish(out, err);
}

/* *base is replaced by a document of its own. */
static int put_over(struct ss_doc **base, const struct ss_adapter_version *overlay,
                    struct ss_err *err)
{
	struct ss_doc *said SS_AUTO_DOC = ss_doc_new(), *merged = ss_doc_new();
	int rc = said && merged ? put_said(said, overlay, err) : ss_err_nomem(err);

	if (!rc) {
		policy_merge(merged, *base, ss_doc_root(*base), said, ss_doc_root(said));
		rc = ss_doc_finish(merged, err);
	}
	if (rc) {
		ss_doc_free(merged);
		return rc;
	}
	ss_doc_free(*base);
	*base = merged;
	return 0;
}

int policy_declared(const struct policy_view *view, const char *tenant, struct ss_doc *out,
                    struct ss_err *err)
{
	const struct ss_doc *own = ss_adapter_declared(view->adapter);
	struct ss_doc *merged SS_AUTO_DOC = ss_doc_dup(own, ss_doc_root(own));
	int rc = merged ? 0 : ss_err_nomem(err);

	for (size_t i = 0; i < view->n_overlays && !rc; i++) {
		if (ss_overlay_applies(view->overlays[i], ss_adapter_name(view->adapter), tenant))
			rc = put_over(&merged, view->overlays[i], err);
	}
	if (!rc)
		ss_doc_copy(out, merged, ss_doc_root(merged));
	return rc;
}

static bool is_known(const char *const *list, size_t n, const char *tenant)
{
	for (size_t i = 1; i < n; i++) {
		if (strcmp(list[i], tenant) == 0)
			return true;
	}
	return false;
}

int policy_tenants(const struct policy_view *view, const char ***ret, size_t *ret_n,
                   struct ss_err *err)
{
	const char **list = calloc(view->n_overlays + 1, sizeof(*list));
	size_t n = 1;

	if (!list)
		return ss_err_nomem(err);
	for (size_t i = 0; i < view->n_overlays; i++) {
		const char *tenant = ss_overlay_tenant(view->overlays[i]);

		if (tenant &&
		    ss_overlay_applies(view->overlays[i], ss_adapter_name(view->adapter), tenant) &&
		    !is_known(list, n, tenant))
			list[n++] = tenant;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}
