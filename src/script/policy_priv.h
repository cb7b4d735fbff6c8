/* The inside of a policy, shared by policy.c, policy_build.c and policy_check.c. */
#pragma once

#include "sandbox/guard.h"
#include "script/adapter.h"
#include "script/policy.h"

struct policy_failure {
	char *name; /* of the adapter, by its file */
	struct ss_finding finding;
	int64_t since_ms; /* wall clock */
};

/* What is served: immutable once it is complete; a call holds the generation it began with. */
struct policy_generation {
	int refs;
	int64_t number;
	struct ss_adapter_version **adapters; /* sorted by name */
	size_t n_adapters;
	struct policy_failure *failures; /* sorted by name */
	size_t n_failures;
};

struct ss_policy {
	char *dir;
	const struct ss_guard *guard;
	struct policy_generation *current;
	/* Reused from build to build: the steps of a manifest are made and read at once. */
	struct ss_doc *scratch[2];
};

/* The declared fields of an adapter, a request and the hook (layers 1 to 4) -> the builder's input, in
 * one of the scratch documents. */
int policy_layers(struct ss_policy *policy, struct ss_adapter_version *adapter,
                  const struct ss_doc *request, ss_node node, enum ss_policy_caller caller,
                  const struct ss_doc **ret, struct ss_err *err);
/* Layers 1 to 6: a manifest that passed the guard, in out (a fresh document). */
int policy_manifest(struct ss_policy *policy, struct ss_adapter_version *adapter,
                    const struct ss_doc *request, ss_node node, enum ss_policy_caller caller,
                    struct ss_doc *out, struct ss_err *err);
/* `*` any run without '/', `?` one character but '/'. */
bool policy_glob(const char *pattern, const char *text);
