/* pulse GAP_US: puts the time in front of each line of its input, to tell how long
 * another program did nothing.
 *
 * "." is a heartbeat: it is swallowed, and when GAP_US microseconds or more lie
 * between two of them, the line "gap LENGTH_US" tells so. At the end: "beats COUNT".
 * Times are microseconds of CLOCK_MONOTONIC, which Python and the shell can read,
 * too. A real-time priority, where it may have one, keeps its own delay out. */
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char buf[1 << 16];
static size_t len;
static int64_t gap_us, last_beat_us;
static long beats;

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void beat(int64_t now)
{
	if (beats++ && now - last_beat_us >= gap_us)
		printf("%lld gap %lld\n", (long long)now, (long long)(now - last_beat_us));
	last_beat_us = now;
}

/* All whole lines that are there; they came with one read. */
static void take_lines(int64_t now)
{
	char *line = buf, *end;

	while ((end = memchr(line, '\n', len - (size_t)(line - buf)))) {
		*end = 0;
		if (strcmp(line, ".") == 0)
			beat(now);
		else
			printf("%lld %s\n", (long long)now, line);
		line = end + 1;
	}
	len -= (size_t)(line - buf);
	memmove(buf, line, len);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct sched_param priority = {.sched_priority = 1};
	ssize_t n;

	if (argc != 2 || (gap_us = atoll(argv[1])) <= 0) {
		fprintf(stderr, "usage: pulse GAP_US\n");
		return 2;
	}
	(void)sched_setscheduler(0, SCHED_FIFO, &priority);
	while (len < sizeof(buf) && (n = read(STDIN_FILENO, buf + len, sizeof(buf) - len)) > 0) {
		len += (size_t)n;
		take_lines(now_us());
	}
	printf("%lld beats %ld\n", (long long)now_us(), beats);
	return 0;
}
