/* The layers that turn an adapter and a request into a manifest (design.md
 * section 3). Pure: they read a view and write documents, so a self-test on a
 * worker thread runs the very same code as a build that is served. */
#pragma once

#include "script/adapter/adapter.h"
#include "script/policy/policy.h"

struct ss_guard;

/* What one build reads. */
struct policy_view {
	struct ss_adapter_version *adapter;
	/* Of the whole generation, in name order: layer 2 takes those that name this adapter (or
	 * "*") and the request's tenant (or none). */
	struct ss_adapter_version *const *overlays;
	size_t n_overlays;
	int64_t generation;
	const struct ss_guard *guard; /* waivers for layer 6, or NULL */
};

/* Reused from build to build: the steps of a manifest are made and read at once. */
struct policy_scratch {
	struct ss_doc *doc[2];
};
/* SS_ERR_NOMEM; policy_scratch_done may follow in any case. */
int policy_scratch_init(struct policy_scratch *scratch, struct ss_err *err);
void policy_scratch_done(struct policy_scratch *scratch);

/* Layers 1 to 4 -> the builder's input, in one of the scratch documents. */
int policy_layers(struct policy_scratch *scratch, const struct policy_view *view,
                  const struct ss_doc *request, ss_node node, enum ss_policy_caller caller,
                  const struct ss_doc **ret, struct ss_err *err);
/* Layers 5 and 6 from the builder's input. */
int policy_finish(const struct policy_view *view, const struct ss_doc *input, struct ss_doc *out,
                  struct ss_err *err);
/* Layers 1 to 6: a manifest that passed the guard, in out (a fresh document). */
int policy_manifest(struct policy_scratch *scratch, const struct policy_view *view,
                    const struct ss_doc *request, ss_node node, enum ss_policy_caller caller,
                    struct ss_doc *out, struct ss_err *err);
/* The tenant of a request, NULL when it names none; borrowed. SS_ERR_INVAL. */
int policy_tenant(const struct ss_doc *request, ss_node node, const char **ret, struct ss_err *err);
/* May this request be made? SS_ERR_INVAL names the field. */
int policy_check_request(const struct policy_view *view, const struct ss_doc *request, ss_node node,
                         enum ss_policy_caller caller, const char **ret_tenant, struct ss_err *err);
/* Layer 3: a request that was checked over what the layers before it made, the root of in. */
void policy_put_request(const struct policy_view *view, struct ss_doc *out, const struct ss_doc *in,
                        const struct ss_doc *request, ss_node node);
/* What the adapter declares, with the overlays of the tenant (NULL = none); their `adapter` and
 * `tenant` are left out. SS_ERR_NOMEM. */
int policy_declared(const struct policy_view *view, const char *tenant, struct ss_doc *out,
                    struct ss_err *err);
/* The tenants this adapter may be built for with a difference: first NULL, then each that an
 * overlay of it names, once. *ret is the caller's (free), its strings are the overlays'. SS_ERR_NOMEM. */
int policy_tenants(const struct policy_view *view, const char ***ret, size_t *ret_n,
                   struct ss_err *err);
/* `*` any run without '/', `?` one character but '/'. */
bool policy_glob(const char *pattern, const char *text);
