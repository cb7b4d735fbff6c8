#include "app/repl/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "app/ending.h"
#include "io/loop.h"
#include "script/host.h"

static struct {
	struct ss_host *volatile host;
	struct ss_loop *volatile loop;
	volatile sig_atomic_t state, interrupts, resized, resumed, ending, n_endings;
	struct termios shell, modes;
	volatile sig_atomic_t has_shell, has_modes;
} session;

static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
static struct sigaction before[SS_ARRAY_LEN(handled)];

/* --- in a handler: only what is safe there ------------------------------------------------- */
static void say(const char *text)
{
	ssize_t n = write(STDOUT_FILENO, text, strlen(text));

	(void)n;
}

static void restore_shell(void)
{
	if (!session.has_shell)
		return;
	say("\033[?2004l");
	tcsetattr(STDIN_FILENO, TCSADRAIN, &session.shell);
}

static void on_interrupt(void)
{
	if (session.state == SS_SIGNALS_AWAY)
		return;
	if (++session.interrupts > 1)
		ss_ending_on_signal(SIGINT, session.interrupts);
	else
		ss_ending_tell_if_stuck("\r\ninterrupted, but what runs does not stop by itself: "
		                        "Ctrl-C again ends the session\r\n");
	/* At the prompt the first is the editor's; one more is for a job that hogs the loop. */
	if (session.state == SS_SIGNALS_RUNNING || session.interrupts > 1)
		ss_host_interrupt(session.host);
}

static void on_ending(int signum)
{
	session.ending = signum;
	ss_ending_on_signal(signum, ++session.n_endings);
	ss_host_interrupt(session.host);
}

/* As if there was no handler, and back. */
static void take_default(int signum)
{
	struct sigaction ours, none = {.sa_handler = SIG_DFL};
	sigset_t set, was;

	sigemptyset(&set);
	sigaddset(&set, signum);
	sigaction(signum, &none, &ours);
	raise(signum);
	sigprocmask(SIG_UNBLOCK, &set, &was); /* here it stops, or ends */
	sigprocmask(SIG_SETMASK, &was, NULL);
	sigaction(signum, &ours, NULL);
}

static void go_on(void)
{
	if (session.state != SS_SIGNALS_AWAY && session.has_modes)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &session.modes);
	session.resumed = 1;
	session.resized = 1; /* the window may have changed meanwhile */
}

static void on_signal(int signum)
{
	int saved = errno;

	switch (signum) {
	case SIGINT:
		on_interrupt();
		break;
	case SIGTERM:
	case SIGHUP:
		on_ending(signum);
		break;
	case SIGTSTP:
	case SIGQUIT:
		if (session.state != SS_SIGNALS_AWAY)
			restore_shell();
		take_default(signum);
		go_on();
		break;
	case SIGCONT:
		go_on();
		break;
	case SIGWINCH:
		session.resized = 1;
		break;
	}
	ss_loop_wakeup(session.loop);
	errno = saved;
}

/* --- outside ---------------------------------------------------------------------------------- */
void ss_signals_start(struct ss_host *host, struct ss_loop *loop, const struct termios *shell)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	memset(&session, 0, sizeof(session));
	session.host = host;
	session.loop = loop;
	if (shell) {
		session.shell = *shell;
		session.has_shell = 1;
	}
	ss_ending_start();
	ss_ending_set_host(host);
	ss_ending_set_shell(shell);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < SS_ARRAY_LEN(handled); i++) {
		sigaction(handled[i], NULL, &before[i]);
		/* nohup, or a shell without job control: what is ignored stays so. */
		if (before[i].sa_handler == SIG_IGN ||
		    (!shell && handled[i] != SIGINT && handled[i] != SIGTERM))
			continue;
		sigaction(handled[i], &action, NULL);
	}
}

void ss_signals_settled(void)
{
	if (!session.ending)
		ss_ending_take_back();
}

void ss_signals_stop(void)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(handled); i++)
		sigaction(handled[i], &before[i], NULL);
	ss_ending_set_host(NULL);
	ss_ending_set_shell(NULL);
}

bool ss_signals_set_state(enum ss_signals_state state)
{
	sigset_t all, was;
	bool some;

	/* In one step: a Ctrl-C is for the one or for the other, and never for neither. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &was);
	some = ss_signals_take_interrupt();
	ss_host_forget_interrupts(session.host);
	ss_ending_set_shell(session.has_shell ? &session.shell : NULL);
	session.state = state;
	sigprocmask(SIG_SETMASK, &was, NULL);
	return some;
}

void ss_signals_set_modes(const struct termios *modes)
{
	session.has_modes = 0;
	session.modes = *modes;
	session.has_modes = 1;
}

void ss_signals_hand_over(void)
{
	if (session.has_shell)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &session.shell);
	session.state = SS_SIGNALS_AWAY;
	ss_ending_set_shell(NULL);
}

bool ss_signals_take_interrupt(void)
{
	bool some = session.interrupts > 0;

	session.interrupts = 0;
	ss_signals_settled();
	return some;
}

bool ss_signals_take_resize(void)
{
	bool some = session.resized;

	session.resized = 0;
	return some;
}

bool ss_signals_take_resume(void)
{
	bool some = session.resumed;

	session.resumed = 0;
	return some;
}

int ss_signals_ending(void)
{
	return session.ending;
}
