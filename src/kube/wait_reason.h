/* Why an object is not ready yet, in words, and whether waiting on makes sense. */
#pragma once

#include <stdbool.h>

#include "base/doc.h"

struct ss_reason {
	bool terminal;  /* it will not heal by itself */
	bool about_pod; /* of a Sandbox: the pod knows more */
	char word[64];  /* "ImagePullBackOff", "" = nothing is known */
	char text[600]; /* "ImagePullBackOff: Back-off pulling image …" */
};

/* metadata.generation seen by whoever wrote this condition? (K41) */
bool ss_reason_is_current(const struct ss_doc *doc, ss_node object, ss_node condition);
/* status.conditions[type], SS_NO_NODE when there is none. */
ss_node ss_reason_condition(const struct ss_doc *doc, ss_node object, const char *type);

/* Of any object: the condition that is awaited. */
void ss_reason_of_condition(const struct ss_doc *doc, ss_node object, const char *type,
                            struct ss_reason *ret);
void ss_reason_of_sandbox(const struct ss_doc *doc, ss_node object, struct ss_reason *ret);
void ss_reason_of_pod(const struct ss_doc *doc, ss_node object, struct ss_reason *ret);
/* The last warning of an array of Events. */
void ss_reason_of_events(const struct ss_doc *doc, ss_node events, struct ss_reason *ret);
