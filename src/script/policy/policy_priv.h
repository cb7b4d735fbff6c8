/* The inside of a policy: generations, the loader that makes them from the disk,
 * and what is kept of them.
 *
 *	policy/load.c        a pass of the loader: disk -> what may serve (any thread)
 *	policy/trial.c       does what was loaded work together?
 *	policy/generation.c  the set that serves: immutable, swapped by one pointer
 *	policy/serve.c       the swap, and what is told of it
 *	policy/reload.c      when a pass runs: watch, poll, timers, the worker thread
 *	policy/keep.c        the last good set on disk, for a restart
 *	policy/wait.c        who waits for a pass or a generation
 *	policy/history.c     generations of before
 *	policy.c             builds and answers */
#pragma once

#include <stdatomic.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/loop.h"
#include "io/work.h"
#include "sandbox/guard.h"
#include "script/adapter/adapter.h"
#include "script/adapter/source.h"
#include "script/policy/layers.h"
#include "script/policy/policy.h"

enum {
	POLICY_MAX_FILES = 4096, /* of adapters/ and local.d/ together */
	POLICY_REMOVED_MS = 100, /* a file that is away for less is being replaced */
};

/* --- generations (policy/generation.c) ------------------------------------------------- */
/* A file whose newest content does not serve. */
struct policy_cache;

struct policy_failure {
	char *name; /* of the adapter or overlay, by its file */
	char *rel;  /* "adapters/a.lua" */
	struct ss_finding finding;
	int64_t since_ms;      /* wall clock: from when on the file does not load */
	int64_t found_mono_ms; /* when this content was tried */
	bool held;             /* an older version of it serves */
	bool cached;           /* and it comes from the disk (policy/cache.h) */
	bool unsafe;           /* an overlay that was there at the start and never loaded */
	bool reported;         /* to the log; changed while it serves */
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
/* The versions of one, in its order, with the failures of another; no number. NULL when out of memory. */
struct policy_generation *policy_generation_with(const struct policy_generation *versions,
                                                 const struct policy_generation *failures);
/* When all is added. */
void policy_generation_sort(struct policy_generation *g);
/* NULL when there is none of this name. */
struct ss_adapter_version *policy_generation_find(const struct policy_generation *g,
                                                  const char *name);
bool policy_generation_holds(const struct policy_generation *g, const struct ss_adapter_version *v);
/* An overlay that never loaded: what it would restrict is unknown, so nothing may be built. */
const struct policy_failure *policy_generation_unsafe(const struct policy_generation *g);

/* --- the loader (policy/load.c) ----------------------------------------------------------- */
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
	bool written;                     /* it is back, and somebody writes it */
	bool left_out;                    /* of a trial */
	struct ss_adapter_version *fresh; /* loaded, not tried yet */
	struct ss_source_list fresh_seen;
};

/* One thread at a time: the loop's, or that of a pass that runs. */
struct policy_loader {
	char *dir;
	struct ss_sources *set;
	struct policy_file *files; /* sorted by rel */
	int64_t unfinished_ms; /* the last pause before a look at a file that is being written */
	atomic_int stop;       /* from another thread: give up. An int: it shares no word */
	struct policy_cache *cache; /* of the first pass: instead of what does not load; or NULL */
	size_t n, cap;
	uint64_t overlay_round; /* counts changes of the overlays that may serve; from 1 */
	bool first;             /* no pass came through yet */
	size_t n_failed;        /* by this pass */
	bool any_fresh;         /* by this pass: an adapter was loaded */
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
	size_t ret_loaded;    /* files evaluated … */
	size_t ret_failed;    /* … and how many of them do not serve */
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
void policy_file_done(struct policy_file *f);
/* --- listing.c */
/* Mark the files that are there, and remove what is gone for good. */
int policy_list_files(struct policy_loader *loader, struct policy_pass *pass, struct ss_err *err);
/* Changes when a link leads elsewhere through which a whole version is exchanged at once: the folder
 * itself or one on its path (git-sync), one in it, a ConfigMap's ..data. */
uint64_t policy_whole_version(const char *dir);
/* The file is an overlay's. */
bool policy_is_overlay(const char *rel);

/* --- trials (policy/trial.c) ---------------------------------------------------------------- */
/* Build from what the pass loaded; what does not work fails, and is not fresh any more.
 * SS_ERR_NOMEM. */
int policy_trial(struct policy_loader *loader, const struct policy_pass *pass, struct ss_err *err);

/* --- history (policy/history.c) ------------------------------------------------------------- */
enum { POLICY_HISTORY = 32, POLICY_END_MS = 1000 };
enum policy_reason { POLICY_START, POLICY_FILES, POLICY_ASKED, POLICY_ROLLBACK };

struct policy_past {
	struct policy_generation *generation;
	enum policy_reason reason;
	int64_t of; /* POLICY_ROLLBACK: whose content it has */
	int64_t at_ms;
	struct ss_doc *changes; /* [{name, change}] against the one before */
};
struct policy_history {
	struct policy_past list[POLICY_HISTORY]; /* oldest first */
	size_t n;
};
/* Takes a reference; before may be NULL. SS_ERR_NOMEM. */
int policy_history_push(struct policy_history *history, struct policy_generation *g,
                        const struct policy_generation *before, enum policy_reason reason,
                        int64_t of, struct ss_err *err);
/* NULL when it is not kept. */
const struct policy_past *policy_history_find(const struct policy_history *history, int64_t number);
void policy_history_done(struct policy_history *history);
/* Array of {name, change: added|changed|removed}, overlays as "local.d/NAME"; before may be NULL. */
int policy_changes(const struct policy_generation *before, const struct policy_generation *after,
                   struct ss_doc *out, struct ss_err *err);

/* --- a pass on its thread (policy/reload.c) --------------------------------------------------- */
struct policy_job {
	struct ss_work work;
	struct ss_policy *policy;
	struct policy_pass pass;
	int rc;
	struct ss_err err;
	struct ss_buf log; /* lines of print, for the loop's thread to write */
	int64_t began_ns, took_ns;
	bool asked; /* somebody waits for it: policy.reload() */
};
struct policy_keep {
	struct ss_policy *policy;
	const char *dir;
	char *path; /* NULL: nothing is kept */
	struct ss_timer *timer;
	struct ss_work work;
	struct policy_generation *generation; /* being written */
	int rc;
	struct ss_err err;
	int64_t first_ms; /* monotonic: the first change that is not kept */
	bool again;       /* there is something newer */
	bool failed;      /* the last time */
};
struct policy_metrics {
	int64_t passes, loads, failures, last_us;
};

struct ss_policy {
	const struct ss_guard *guard;
	struct policy_loader *loader; /* of the job while it runs */
	struct policy_scratch scratch;

	struct policy_generation *current; /* serves */
	struct policy_generation *disk;    /* what the loader gave last */
	bool rolled_back;                  /* current is of before, because somebody wanted that */
	bool behind;                       /* current is of before, for want of memory */
	int64_t last_number;
	struct policy_history history;

	struct ss_loop *loop; /* NULL: nothing is loaded later */
	bool watching;
	struct ss_fswatch *fswatch;
	struct ss_timer *poll, *again, *pause, *report;
	int64_t again_at_ms; /* monotonic: when again is due */
	struct policy_job job;
	uint64_t wanted, began, ended; /* passes: asked for, started, over */
	bool wanted_by_call;
	int64_t burst_ms; /* when the burst of passes began */
	int burst;
	char *problem; /* of the folder itself; NULL = none */
	struct policy_metrics metrics;
	struct policy_keep keep;

	struct ss_adapter_version **idle; /* serve no more: their Lua states are freed bit by bit */
	size_t n_idle;
	struct ss_completion rest;

	struct ss_policy_wait *waits;
};

/* --- policy/serve.c ------------------------------------------------------------------------------ */
/* A pass is over: what it gave serves from here on. asked: also in place of a rollback. */
int policy_serve(struct ss_policy *policy, struct policy_pass *pass, enum policy_reason reason,
                 bool asked, struct ss_err *err);
/* g serves from here on, under a number of its own; takes it. */
int policy_swap(struct ss_policy *policy, struct policy_generation *g, enum policy_reason reason,
                int64_t of, struct ss_err *err);
/* Tell the log of failures that have stood for a while; milliseconds to the next, 0 = none is left. */
int64_t policy_report(struct ss_policy *policy);
void policy_rest_done(struct ss_policy *policy);

/* --- policy/reload.c ------------------------------------------------------------------------------- */
/* A pass that begins from here on: policy->wanted is its number. */
void policy_ask(struct ss_policy *policy, bool by_call);
int policy_watch(struct ss_policy *policy, struct ss_err *err);
/* The other thread has ended: what was asked for meanwhile. */
void policy_resume(struct ss_policy *policy);
/* Now those that are due, the others by a timer. */
void policy_tell_failures(struct ss_policy *policy);
/* False: a load that does not come back still uses the policy, which has to stay. */
bool policy_reload_done(struct ss_policy *policy);

/* --- policy/keep.c ------------------------------------------------------------------------------------- */
/* Before the first pass: what was kept, if anything was; and behind it. SS_ERR_NOMEM. */
int policy_keep_open(struct ss_policy *policy, struct ss_err *err);
void policy_keep_opened(struct ss_policy *policy);
void policy_keep_soon(struct ss_policy *policy);
bool policy_keep_done(struct ss_policy *policy); /* likewise */

/* --- policy/wait.c ----------------------------------------------------------------------------------- */
/* Wake who waits for what has come. err: the pass failed, for those who wait for it. */
void policy_wake(struct ss_policy *policy, const struct ss_err *err);

/* What a build from this adapter reads; borrowed from the current generation. SS_ERR_NOT_FOUND with
 * the reason, SS_ERR_SCRIPT while an overlay that might restrict it does not load. */
int policy_find(const struct ss_policy *policy, const char *adapter, struct policy_view *ret,
                struct ss_err *err);
