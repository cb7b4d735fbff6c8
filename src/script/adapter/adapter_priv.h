/* The inside of an adapter version, shared by adapter.c, adapter/modules.c,
 * adapter/pure.c and adapter/contract.c. */
#pragma once

#include "script/adapter/adapter.h"
#include "script/adapter/source.h"
#include "script/adapter/state.h"

enum { ADAPTER_MAX_SOURCES = 64 };

/* A file as it was when the version was loaded. sources[0] is the adapter's. */
struct adapter_source {
	struct ss_source *source; /* a reference */
	const char *rel;          /* the source's: "lib/limits.lua" */
	const char *file;         /* DIR/rel */
	const char *text;
	size_t len;
	bool running; /* being required at this moment: a circle */
};

struct ss_adapter_version {
	atomic_int refs;
	struct ss_adapter_version *of; /* a clone's original, which owns declared and fields */
	char *name;
	bool overlay;
	const char *target, *tenant; /* of an overlay; strings of declared */
	char sha256[65];
	struct adapter_source sources[ADAPTER_MAX_SOURCES];
	size_t n_sources;
	struct ss_adapter_state *state; /* NULL after a call that failed */
	bool traced;                    /* its hook's writes are told (adapter/trace.h) */
	int call_line;                  /* of `adapter {` in sources[0], 0 = unknown */
	bool has_build;
	struct ss_doc *declared;
	struct ss_doc *fields;
	/* while loading */
	struct ss_findings *findings;
	struct ss_sources *set;
	struct ss_source_list *seen;
	bool unscanned; /* a file's globals are known only as it runs */
};

/* "claude_local" of "adapters/claude_local.lua", malloc'd. */
char *adapter_name_of(const char *rel);
/* Take rel from the set as the next source. SS_ERR_NOT_FOUND (none is added), SS_ERR_INVAL,
 * SS_ERR_LIMIT, SS_ERR_IO. */
int adapter_read_source(struct ss_adapter_version *v, const char *rel, struct adapter_source **ret,
                        struct ss_err *err);
/* require() of adapter files; ud is the version. */
SS_MAY_RAISE void adapter_require(lua_State *L, const char *name, void *ud);
/* Push {name = value} of the modules loaded so far. */
SS_MAY_RAISE void adapter_push_modules(lua_State *L);
/* Note what the value at the top leads to, under a name for messages; pops it. */
SS_MAY_RAISE void adapter_pure_note(lua_State *L, const char *name);
/* Push the name of something noted that was changed since, or nil. */
SS_MAY_RAISE void adapter_pure_push_changed(lua_State *L);
/* Compile source and push the function, with the policy environment. Raises. */
SS_MAY_RAISE void adapter_push_chunk(lua_State *L, struct ss_adapter_version *v,
                                     const struct adapter_source *source);
/* Findings for globals that the function at the top of the stack (a whole file) assigns, or reads
 * though there are none. False when its code could not be read. Never raises. */
bool adapter_scan_globals(struct ss_adapter_version *v, const struct adapter_source *source,
                          lua_State *L);
/* "lib/x.lua:3: text" with a chunk name of ours -> the source and the line; *text is advanced to the
 * message. NULL when the text starts otherwise. */
const struct adapter_source *adapter_split_where(const struct ss_adapter_version *v,
                                                 const char **text, int *ret_line);
/* Evaluate its files in a new state: v->state. */
int adapter_open_state(struct ss_adapter_version *v, struct ss_err *err);
/* Push the build hook and its two arguments. */
SS_MAY_RAISE void adapter_push_hook(lua_State *L, const struct ss_adapter_version *v,
                                    const struct ss_adapter_context *context,
                                    const struct ss_doc *input);
/* adapter/trace.c: what the environment of a traced version has instead of the usual. */
SS_MAY_RAISE void adapter_trace_open(lua_State *L);
int adapter_digest(struct ss_adapter_version *v, struct ss_err *err);

/* The declared table (without build) against the contract: findings, and v->fields. */
int adapter_check_contract(struct ss_adapter_version *v, struct ss_err *err);
/* Lower-case letters, digits, - and _; at most 63. */
bool adapter_is_name(const char *s, size_t len);
/* adapter/overlay_contract.c: `adapter` and `tenant` of an overlay: findings, and v->target, v->tenant. */
void overlay_check_target(struct ss_adapter_version *v);
/* Line of the field `path` ("egress.hosts") of the table that starts at or after from, or from. */
int adapter_find_line(const char *text, size_t len, int from, const char *path);
/* A finding about a field of the adapter's own table. */
void adapter_finding(struct ss_adapter_version *v, const char *path, const char *fmt, ...)
        SS_PRINTF(3, 4);
