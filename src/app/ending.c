#include "app/ending.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "base/attr.h"
#include "base/owed.h"
#include "script/host.h"
#include "script/raise.h"
#include "script/task.h"

enum alarm { END, TELL, N_ALARMS };

static struct {
	timer_t timers[N_ALARMS];
	volatile sig_atomic_t started, code, may_clean_up, cleanups_left, has_shell, said;
	const char *volatile text;
	volatile unsigned turn;
	struct ss_host *volatile host;
	struct termios shell;
} ending;

static const char *reason(int code)
{
	switch (code) {
	case SS_EXIT_TIMEOUT:
		return "sandscript: the time of the run is over; what runs does not stop, so the "
		       "process ends";
	case SS_EXIT_INTERRUPTED:
		return "sandscript: interrupted; what runs does not stop, so the process ends";
	default:
		return "sandscript: terminated; what runs does not stop, so the process ends";
	}
}

void ss_ending_said(void)
{
	ending.said = 1;
}

static void say_why(int code)
{
	char where[SS_RAISE_PLACE] = "";

	if (ending.host)
		ss_host_where(ending.host, where, sizeof(where));
	ss_owed_write(STDERR_FILENO, reason(code));
	if (*where) {
		ss_owed_write(STDERR_FILENO, " (");
		ss_owed_write(STDERR_FILENO, where);
		ss_owed_write(STDERR_FILENO, ")");
	}
	ss_owed_write(STDERR_FILENO, "\n");
}

void ss_ending_now(int code)
{
	if (ending.has_shell) {
		ss_owed_write(STDOUT_FILENO, "\033[?2004l\r\n");
		/* Not after what is to be written: nobody may read it. */
		tcsetattr(STDIN_FILENO, TCSANOW, &ending.shell);
	}
	if (!ending.said)
		say_why(code);
	ss_owed_tell(STDERR_FILENO);
	_exit(code);
}

static void arm(enum alarm alarm, int64_t ms)
{
	struct itimerspec at = {.it_value = {ms / 1000, ms % 1000 * 1000000}};

	timer_settime(ending.timers[alarm], 0, &at, NULL);
}

static void on_end(void)
{
	struct ss_host *host = ending.host;

	if (host && ending.may_clean_up && ending.cleanups_left && !ss_host_turn(host) &&
	    ss_host_cleans_up(host)) {
		ending.cleanups_left--;
		arm(END, SS_ENDING_MS);
		return;
	}
	ss_ending_now(ending.code);
}

/* A wait that ends at once is followed by a turn, which may be the one that does not end. */
static void on_tell(void)
{
	struct ss_host *host = ending.host;
	unsigned turn = host ? ss_host_turn(host) : 0;

	if (!turn)
		return;
	if (turn == ending.turn) {
		ss_owed_write(STDERR_FILENO, ending.text);
		return;
	}
	ending.turn = turn;
	arm(TELL, SS_ENDING_MS);
}

static void on_alarm(int signum, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)signum;
	(void)context;
	if (info->si_code != SI_TIMER)
		return;
	if (info->si_value.sival_int == END)
		on_end();
	else
		on_tell();
	errno = saved;
}

void ss_ending_start(void)
{
	struct sigaction action = {.sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO | SA_RESTART};

	if (ending.started)
		return;
	sigfillset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	for (int i = 0; i < N_ALARMS; i++) {
		struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};

		event.sigev_value.sival_int = i;
		if (timer_create(CLOCK_MONOTONIC, &event, &ending.timers[i]))
			return;
	}
	ending.started = 1;
}

void ss_ending_set_host(struct ss_host *host)
{
	ending.host = host;
}

void ss_ending_set_shell(const struct termios *shell)
{
	ending.has_shell = 0;
	if (!shell)
		return;
	ending.shell = *shell;
	ending.has_shell = 1;
}

void ss_ending_in(int64_t ms, int code, bool may_clean_up)
{
	struct itimerspec left;
	int64_t left_ms;

	if (!ending.started)
		return;
	timer_gettime(ending.timers[END], &left);
	left_ms = (int64_t)left.it_value.tv_sec * 1000 + left.it_value.tv_nsec / 1000000;
	ending.may_clean_up &= may_clean_up;
	if ((left.it_value.tv_sec || left.it_value.tv_nsec) && left_ms <= ms)
		return;
	ending.code = code;
	ending.may_clean_up = may_clean_up;
	ending.cleanups_left = SS_TASK_CLEANUP_MS / SS_ENDING_MS;
	arm(END, ms);
}

void ss_ending_take_back(void)
{
	if (!ending.started)
		return;
	arm(END, 0);
	arm(TELL, 0);
}

void ss_ending_tell_if_stuck(const char *text)
{
	if (!ending.started || !ending.host)
		return;
	ending.text = text;
	ending.turn = ss_host_turn(ending.host);
	arm(TELL, SS_ENDING_MS);
}

void ss_ending_on_signal(int signum, int times)
{
	if (signum != SIGINT && times > 1)
		ss_ending_now(128 + signum);
	else if (signum != SIGINT)
		ss_ending_in(SS_ENDING_MS, 128 + signum, true);
	else if (times > 1)
		ss_ending_in(SS_ENDING_MS, SS_EXIT_INTERRUPTED, false);
	else
		ss_ending_tell_if_stuck("sandscript: interrupted, but what runs does not stop by "
		                        "itself: Ctrl-C again ends the process\n");
}
