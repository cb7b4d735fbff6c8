/* Intrusive doubly linked lists: a link embedded in the member, a link as the
 * head. A member may be unlinked at any time, whichever list it is in. */
#pragma once

#include <stdbool.h>

struct ss_link {
	struct ss_link *prev, *next;
};

static inline void ss_link_init(struct ss_link *head)
{
	head->prev = head->next = head;
}

static inline bool ss_link_empty(const struct ss_link *head)
{
	return head->next == head;
}

/* Append to the list of head. */
static inline void ss_link_add(struct ss_link *head, struct ss_link *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

/* Leaves link empty; harmless on an initialised link that is in no list. */
static inline void ss_link_del(struct ss_link *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	ss_link_init(link);
}

/* Move every member of from to the (uninitialised) head to. */
static inline void ss_link_splice(struct ss_link *to, struct ss_link *from)
{
	ss_link_init(to);
	if (ss_link_empty(from))
		return;
	*to = *from;
	to->next->prev = to;
	to->prev->next = to;
	ss_link_init(from);
}
