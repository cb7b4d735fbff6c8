/* A policy on a loop, for the tests of what happens while it serves. */
#pragma once

#include "reload_fixture.h"

#include "base/attr.h"
#include "io/loop.h"

static struct ss_loop *loop;
static struct ss_policy *policy;

static SS_UNUSED int open_policy(bool watch)
{
	const struct ss_policy_options options = {.loop = loop, .watch = watch};

	return ss_policy_open(dir, &options, &policy, NULL);
}

static SS_UNUSED int start(void **state)
{
	loop = ss_loop_new(NULL);
	policy = NULL;
	if (!loop || setup(state))
		return -1;
	setenv("XDG_STATE_HOME", path_of("state"), 1);
	return 0;
}

static SS_UNUSED int end(void **state)
{
	ss_policy_free(policy);
	ss_loop_free(loop);
	return teardown(state);
}

#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, start, end)

struct done {
	bool called;
	int code;
	char message[1100];
};

static SS_UNUSED void on_done(void *ud, const struct ss_err *err)
{
	struct done *d = ud;

	assert_false(d->called);
	d->called = true;
	d->code = err ? err->code : 0;
	snprintf(d->message, sizeof(d->message), "%s", err ? err->message : "");
}

static SS_UNUSED struct done reload(void)
{
	struct done d = {0};
	struct ss_policy_wait *wait;

	assert_int_equal(ss_policy_reload(policy, on_done, &d, &wait, NULL), 0);
	while (!d.called)
		ss_loop_step(loop, true);
	return d;
}

/* Until what a build has is this. What never comes is ended by a timer just before ctest's. */
static bool is_late;

static SS_UNUSED void late(void *ud)
{
	is_late = true;
}

static SS_UNUSED void await_image(const char *adapter, const char *want)
{
	struct ss_timer *timer = ss_timer_start(loop, 240000, late, NULL);

	is_late = false;
	while (strcmp(image_of(policy, adapter, NULL), want) != 0 && !is_late)
		ss_loop_step(loop, true);
	assert_string_equal(image_of(policy, adapter, NULL), want);
	ss_timer_stop(timer);
}
