#include "base/owed.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"

enum { MAX_OWED = 64, MAX_TEXT_BYTES = 400 };
enum state { FREE, SENT, LOST };

/* state is set last and cleared first: a handler sees whole texts. */
static struct owed {
	volatile sig_atomic_t state;
	char text[MAX_TEXT_BYTES];
} slots[MAX_OWED];
static size_t next_slot;

/* What is lost gives way: to the same write, done again, else to any other when all are taken. */
static struct owed *find(const char *text)
{
	for (size_t i = 0; i < MAX_OWED; i++)
		if (slots[i].state == LOST && strcmp(slots[i].text, text) == 0)
			return &slots[i];
	for (size_t i = 0; i < MAX_OWED; i++) {
		struct owed *o = &slots[next_slot++ % MAX_OWED];

		if (o->state == FREE)
			return o;
	}
	for (size_t i = 0; i < MAX_OWED; i++)
		if (slots[i].state == LOST)
			return &slots[i];
	return NULL;
}

int ss_owed_begin(const char *op, const char *object)
{
	char text[MAX_TEXT_BYTES];
	struct owed *o;

	snprintf(text, sizeof(text), "%s %s", op, object);
	o = find(text);
	if (!o)
		return 0;
	o->state = FREE;
	strcpy(o->text, text);
	o->state = SENT;
	return (int)(o - slots) + 1;
}

void ss_owed_end(int slot)
{
	if (slot)
		slots[slot - 1].state = FREE;
}

void ss_owed_lose(int slot)
{
	if (slot)
		slots[slot - 1].state = LOST;
}

void ss_owed_write(int fd, const char *text)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	if (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT))
		(void)!write(fd, text, strlen(text));
}

void ss_owed_tell(int fd)
{
	static const char what[] = "sandscript: not known whether it was carried out: ";
	char line[sizeof(what) + MAX_TEXT_BYTES + 1];

	for (size_t i = 0; i < MAX_OWED; i++) {
		if (slots[i].state == FREE)
			continue;
		strcpy(line, what);
		strcat(line, slots[i].text);
		strcat(line, "\n");
		ss_owed_write(fd, line);
	}
}
