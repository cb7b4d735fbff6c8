/* The inside of a policy: generations, the loader that makes them from the disk,
 * and what is kept of them.
 *
 *	policy_load.c        a pass of the loader: disk -> what may serve (any thread)
 *	policy_generation.c  the set that serves: immutable, swapped by one pointer
 *	policy.c             builds and answers from it */
#pragma once

#include "sandbox/guard.h"
#include "script/adapter.h"
#include "script/policy.h"
#include "script/policy_layers.h"
#include "script/source.h"

enum {
	POLICY_MAX_FILES = 4096, /* of adapters/ and local.d/ together */
	POLICY_REMOVED_MS = 100, /* a file that is away for less is being replaced */
};

/* --- generations (policy_generation.c) ------------------------------------------------- */
/* A file whose newest content does not serve. */
struct policy_failure {
	char *name; /* of the adapter or overlay, by its file */
	char *rel;  /* "adapters/a.lua" */
	struct ss_finding finding;
	int64_t since_ms;      /* wall clock: from when on the file does not load */
	int64_t found_mono_ms; /* when this content was tried */
	bool held;             /* an older version of it serves */
	bool cached;           /* and it comes from the disk (policy_cache.h) */
	bool unsafe;           /* an overlay that was there at the start and never loaded */
};

/* What is served: immutable once it is complete; a call holds the generation it began with. The
 * loop's thread alone counts references. */
struct policy_generation {
	int refs;
	int64_t number;
	struct ss_adapter_version **adapters; /* sorted by name */
	size_t n_adapters;
	struct ss_adapter_version **overlays; /* sorted by name */
	size_t n_overlays;
	struct policy_failure *failures; /* sorted by rel */
	size_t n_failures;
};
/* Empty, with room for so many of each; NULL when out of memory. */
struct policy_generation *policy_generation_new(size_t n_adapters, size_t n_overlays,
                                                size_t n_failures);
struct policy_generation *policy_generation_ref(struct policy_generation *g);
void policy_generation_unref(struct policy_generation *g); /* NULL is fine */
/* Takes a reference of its own; into the room that is there. */
void policy_generation_add(struct policy_generation *g, struct ss_adapter_version *v);
/* SS_ERR_NOMEM. */
int policy_generation_add_failure(struct policy_generation *g, const struct policy_failure *f,
                                  struct ss_err *err);
/* When all is added. */
void policy_generation_sort(struct policy_generation *g);
/* NULL when there is none of this name. */
struct ss_adapter_version *policy_generation_find(const struct policy_generation *g,
                                                  const char *name);
bool policy_generation_holds(const struct policy_generation *g, const struct ss_adapter_version *v);
/* An overlay that never loaded: what it would restrict is unknown, so nothing may be built. */
const struct policy_failure *policy_generation_unsafe(const struct policy_generation *g);

/* --- the loader (policy_load.c) ----------------------------------------------------------- */
/* A file of adapters/ or local.d/ as the loader knows it. */
struct policy_file {
	char *rel;
	struct ss_adapter_version *good; /* may serve; NULL when there was none yet */
	struct ss_source_list
	        good_seen; /* what it was made from, and what was looked for in vain */
	bool cached;       /* good comes from the disk's last good set */
	bool unsafe;       /* see struct policy_failure */
	/* The newest content fails: why, and what was looked at then. It is not tried again. */
	bool failing;
	struct ss_finding finding;
	struct ss_source_list bad_seen;
	uint64_t
	        bad_with; /* the overlays it was tried with (policy_loader.overlay_round), 0 = none */
	int64_t since_ms, found_mono_ms;
	int64_t missing_mono_ms; /* away from then on; 0 = it is there */
	/* of the pass */
	bool listed;
	struct ss_adapter_version *fresh; /* loaded, not tried yet */
	struct ss_source_list fresh_seen;
};

/* One thread at a time: the loop's, or that of a pass that runs. */
struct policy_loader {
	char *dir;
	struct ss_sources *set;
	struct policy_file *files; /* sorted by rel */
	size_t n, cap;
	uint64_t overlay_round; /* counts changes of the overlays that may serve; from 1 */
	bool first;             /* no pass came through yet */
	bool touched;           /* by this pass: failures came or went */
	bool changed;           /* by this pass: versions came, went or changed */
	bool overlays_changed;  /* by this pass: overlays were loaded, or removed */
};

/* What a pass is told … */
struct policy_pass {
	bool trial;            /* builds from what was loaded before it may serve */
	struct ss_guard guard; /* waivers for them; nothing is logged */
	int64_t generation;    /* the number that hooks see in them */
	/* … and what it found. */
	struct policy_generation *ret_generation; /* without a number; NULL: all is as before */
	bool ret_changed;     /* versions came, went or changed; else failures alone */
	int64_t ret_again_ms; /* look again after so long: a file went away; 0 = no need */
	size_t ret_loaded;    /* files evaluated */
};
/* SS_ERR_NOMEM. */
int policy_loader_new(const char *dir, struct policy_loader **ret, struct ss_err *err);
void policy_loader_free(struct policy_loader *loader); /* NULL is fine */
/* Look at the disk. SS_ERR_NOT_FOUND and SS_ERR_IO for the folder itself, SS_ERR_LIMIT for too many
 * files, SS_ERR_NOMEM: everything stays as it was then. */
int policy_loader_pass(struct policy_loader *loader, struct policy_pass *pass, struct ss_err *err);

/* The newest content of f does not serve: keep the first of the findings and what was seen, which
 * are both taken. */
void policy_file_fail(struct policy_loader *loader, struct policy_file *f,
                      struct ss_findings *findings, struct ss_source_list *seen, uint64_t bad_with);
/* The file is an overlay's. */
bool policy_is_overlay(const char *rel);

struct ss_policy {
	const struct ss_guard *guard;
	struct policy_generation *current;
	struct policy_loader *loader;
	struct policy_scratch scratch;
};
/* What a build from this adapter reads; borrowed from the current generation. SS_ERR_NOT_FOUND with
 * the reason, SS_ERR_SCRIPT while an overlay that might restrict it does not load. */
int policy_find(const struct ss_policy *policy, const char *adapter, struct policy_view *ret,
                struct ss_err *err);
