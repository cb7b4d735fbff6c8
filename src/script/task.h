/* Tasks: a coroutine per task, and the only place that resumes one or yields.
 *
 * A task is READY (its turn is queued on the loop), RUNNING, WAITING (for one
 * struct ss_await) or DONE. It is a userdata; the host holds it while it is not
 * done, and after a failure that nobody has seen. Its results or its error stay
 * on its own stack.
 *
 * Stopping is soft: the wait that is under way, and every later one, returns nil
 * and the reason at once. A task that goes on for longer than a second, and one
 * that is busy when its time is over, is killed: an error that pcall does not
 * catch; its __close handlers run, again for a second at most. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct ss_err;
struct ss_host;
struct ss_task;

enum {
	SS_TASK_MAX = 100000, /* not done, or failed and not seen */
	SS_TASK_GRACE_MS = 1000,
	/* After an interrupt or the end of the run's time, tasks spawned from then on may
	 * still wait for so long: they clean up. A second interrupt ends them, too. */
	SS_TASK_CLEANUP_MS = 10000,
};

/* Pops a function and its n_args arguments, pushes the task, which is READY.
 * timeout_ms 0 = none. SS_ERR_LIMIT pushes nothing. */
SS_MAY_RAISE int ss_task_spawn(lua_State *L, int n_args, int64_t timeout_ms, struct ss_task **ret,
                               struct ss_err *err);
/* The task at index; raises for anything else, naming func. */
SS_MAY_RAISE struct ss_task *ss_task_check(lua_State *L, int index, const char *func);
/* For `return ss_task_join(L, index)`: waits; the task's results, or nil, err. */
SS_MAY_RAISE int ss_task_join(lua_State *L, int index);
/* As join of a task that was made for this call alone: its raise is raised again, the
 * end of its time is nil, err, and stopping the caller stops it. */
SS_MAY_RAISE int ss_task_call(lua_State *L, int index);
/* Soft stop with code and text (a literal); a task that is done or stopped already stays as it is. */
void ss_task_stop(struct ss_task *task, int code, const char *why);
/* "waiting" …; never NULL. */
const char *ss_task_state(const struct ss_task *task);

/* A gate that tasks wait for: for `return ss_latch_wait(L, index)` (true, or nil, err). */
SS_MAY_RAISE void ss_latch_new(lua_State *L);
SS_MAY_RAISE int ss_latch_wait(lua_State *L, int index);
SS_MAY_RAISE void ss_latch_open(lua_State *L, int index);
/* Whether a wait may begin here; false in a sort comparator, __gc … */
bool ss_task_can_wait(lua_State *L);
