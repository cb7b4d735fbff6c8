/* Work on another thread, for what would stop the loop for too long (loading
 * policies). The node is embedded in the owner's structure:
 *
 *	w->work = (struct ss_work){.run = load, .done = loaded};
 *	ss_work_start(loop, &w->work, err);     run(work) on a thread of its own,
 *	                                        then done(work) as a completion
 * Loop thread only; what run and the loop's thread both touch meanwhile is the
 * owner's to guard. What the caller wrote before start is seen by run, what run
 * wrote is seen by done and after cancel. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ss_err;
struct ss_loop;

struct ss_work {
	void (*run)(struct ss_work *work);  /* on the thread; must not touch the loop */
	void (*done)(struct ss_work *work); /* on the loop's thread; may free the owner */
	bool running;                       /* from start until done is called */
	void *inner_;
};

/* Keeps the loop active until done. The thread has a C stack of 8 MiB (Lua's parser recurses),
 * takes no signals, and gives way to the loop where both want one processor. SS_ERR_NOMEM, SS_ERR_IO (no thread to be had; nothing runs then). Starting a
 * node that is running is a mistake of the program, and so is freeing the loop meanwhile. */
int ss_work_start(struct ss_loop *loop, struct ss_work *work, struct ss_err *err);
/* Wait until run has returned, for so long at most; done does not run. False: it runs on, for nobody,
 * and all that it touches (the node, too) must stay as it is until the process ends. Not running =
 * true. Not from run. */
bool ss_work_cancel(struct ss_work *work, int64_t wait_ms);
