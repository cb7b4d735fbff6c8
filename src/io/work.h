/* Work on another thread, for what would stop the loop for too long (loading
 * policies). The node is embedded in the owner's structure:
 *
 *	w->work = (struct ss_work){.run = load, .done = loaded};
 *	ss_work_start(loop, &w->work, err);     run(work) on a thread of its own pool,
 *	                                        then done(work) as a completion
 * Not thread safe but for what run touches. */
#pragma once

#include <stdbool.h>

struct ss_err;
struct ss_loop;

struct ss_work {
	void (*run)(struct ss_work *work);  /* on the thread; must not touch the loop */
	void (*done)(struct ss_work *work); /* on the loop's thread; may free the owner */
	bool running;                       /* from start until done is called */
	void *inner_;
};

/* Keeps the loop active until done. Threads have a C stack of 8 MiB (Lua's parser recurses).
 * SS_ERR_NOMEM, SS_ERR_IO. Starting a node that is running is a mistake of the program. */
int ss_work_start(struct ss_loop *loop, struct ss_work *work, struct ss_err *err);
/* Wait until run has returned; done does not run. Not running = no-op. */
void ss_work_cancel(struct ss_work *work);
