/* Watches and waits.
 * A watch resumes by itself from the last resourceVersion (clean end, cut
 * connection, 5xx with back-off), re-lists after 410, keeps alive by bookmarks
 * and an idle deadline (K35-K40), and ends only by cancel or a failure for good. */
#pragma once

#include "kube/client.h"

struct ss_watch;
struct ss_watch_spec {
	struct ss_ref ref; /* name set = that one object (fieldSelector) */
	bool all_namespaces;
	const char *label_selector;
	const char *field_selector;
	/* NULL = list first: each object of the list comes as ADDED, then a BOOKMARK with the list's
	 * resourceVersion and the annotation k8s.io/initial-events-end: "true". After a 410 the new
	 * list is compared with what was seen: ADDED, MODIFIED and DELETED come for the differences
	 * (a DELETED one with what was known: name, namespace, uid), then such a BOOKMARK. */
	const char *resource_version;
};
enum ss_event_type { SS_EVENT_ADDED, SS_EVENT_MODIFIED, SS_EVENT_DELETED, SS_EVENT_BOOKMARK };
struct ss_watch_events {
	/* doc is owned by the callee. Bookmarks are delivered too (object with metadata only). */
	void (*event)(void *ud, enum ss_event_type type, struct ss_doc *doc);
	/* Once, at a failure for good (forbidden, unauthorized, not_found kind …; without a
	 * resource_version also when the server was never reached); the watch is gone. */
	void (*failed)(void *ud, const struct ss_err *err);
};
int ss_watch_start(struct ss_client *client, const struct ss_watch_spec *spec,
                   const struct ss_watch_events *events, void *ud, struct ss_watch **ret,
                   struct ss_err *err);
void ss_watch_cancel(struct ss_watch *watch); /* NULL is fine; no call follows */
/* Stop and go on reading, for a consumer that is slower than the server. */
void ss_watch_pause(struct ss_watch *watch, bool paused);

struct ss_wait;
/* The verdict on one state of the object. */
enum ss_verdict { SS_WAIT_PENDING, SS_WAIT_DONE, SS_WAIT_FAILED };
struct ss_wait_spec {
	struct ss_ref ref;            /* one object; uid set = another uid means deleted */
	const char *resource_version; /* of the write that preceded; NULL = look first */
	/* The state that the write returned: judged before anything is asked, so that an object that
	 * is ready already costs no request. SS_NO_NODE or doc NULL = unknown; then, with a
	 * resource_version, one GET is made if the watch stays silent for a moment. */
	const struct ss_doc *object_doc;
	ss_node object;
	bool deleted;          /* wait until it is gone */
	const char *condition; /* "Ready", "Available=False"; status.conditions, with
					 observedGeneration current (K41); ignored when verdict is set */
	/* The caller's own test instead; fills err for SS_WAIT_FAILED. May be NULL. */
	enum ss_verdict (*verdict)(void *ud, const struct ss_doc *object, struct ss_err *err);
	/* A line for people whenever the reason of the waiting changes. May be NULL. */
	void (*progress)(void *ud, const char *text);
	/* For Sandbox and Pod, while waiting for Ready (or with a verdict): fail at once on causes that
	 * will not heal by themselves, with the pod's own reason: a pod that Failed or Succeeded,
	 * InvalidImageName, ErrImageNeverPull, SandboxExpired, SandboxSuspended, and a pod that
	 * admission refuses (quota, Pod Security, a webhook). Everything else (ImagePullBackOff,
	 * CrashLoopBackOff, CreateContainerConfigError, Unschedulable …) may heal: it is told by
	 * progress and in the message of the timeout. The pod is watched once a Sandbox has been
	 * awaited for a second. */
	bool terminal_causes;
	int64_t timeout_ms; /* 0 = 60 s */
};
/* done: the object (NULL for deleted). A missing object is waited for; its deletion
 * meanwhile is SS_ERR_FAILED. SS_ERR_TIMEOUT carries the last reason seen. */
int ss_wait_start(struct ss_client *client, const struct ss_wait_spec *spec, ss_op_fn done,
                  void *ud, struct ss_wait **ret, struct ss_err *err);
void ss_wait_cancel(struct ss_wait *wait);
