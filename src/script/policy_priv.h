/* The inside of a policy, shared by policy.c, policy_build.c and policy_check.c. */
#pragma once

#include "sandbox/guard.h"
#include "script/adapter.h"
#include "script/policy.h"
#include "script/policy_layers.h"

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
	struct policy_scratch scratch;
};
