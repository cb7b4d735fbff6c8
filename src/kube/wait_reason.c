#include "kube/wait_reason.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"

static void set(struct ss_reason *r, bool terminal, const char *word, const char *message)
{
	r->terminal = terminal;
	snprintf(r->word, sizeof(r->word), "%s", word ? word : "");
	snprintf(r->text, sizeof(r->text), "%s%s%s", r->word,
	         *r->word && message && *message ? ": " : "", message ? message : "");
}

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; word && i < n; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

/* Without regard to case, as kubectl compares: --for=condition=ready is what people write. */
static bool is_named(const struct ss_doc *doc, ss_node condition, const char *type)
{
	const char *name = ss_doc_find_string(doc, condition, "type", NULL);

	return name && !strcasecmp(name, type);
}

ss_node ss_reason_condition(const struct ss_doc *doc, ss_node object, const char *type)
{
	ss_node conditions = ss_doc_find(doc, object, "status", "conditions", NULL);

	for (struct ss_iter it = ss_iter(doc, conditions); ss_iter_next(&it);)
		if (is_named(doc, it.value, type))
			return it.value;
	return SS_NO_NODE;
}

bool ss_reason_is_current(const struct ss_doc *doc, ss_node object, ss_node condition)
{
	int64_t generation =
	        ss_doc_get_int(doc, ss_doc_find(doc, object, "metadata", "generation", NULL), 0);
	ss_node seen = ss_doc_get(doc, condition, "observedGeneration");

	if (seen == SS_NO_NODE)
		seen = ss_doc_find(doc, object, "status", "observedGeneration", NULL);
	return ss_doc_get_int(doc, seen, generation) >= generation;
}

void ss_reason_of_condition(const struct ss_doc *doc, ss_node object, const char *type,
                            struct ss_reason *ret)
{
	ss_node condition = ss_reason_condition(doc, object, type);
	const char *status = ss_doc_find_string(doc, condition, "status", NULL);
	const char *word = ss_doc_find_string(doc, condition, "reason", NULL);
	const char *message = ss_doc_find_string(doc, condition, "message", NULL);
	char text[128];

	*ret = (struct ss_reason){0};
	if (condition == SS_NO_NODE) {
		snprintf(text, sizeof(text), "it has no condition %.64s yet", type);
		set(ret, false, "", text);
	} else if (!ss_reason_is_current(doc, object, condition)) {
		set(ret, false, "", "its controller has not seen this generation yet");
	} else if (word && *word) {
		set(ret, false, word, message);
	} else {
		snprintf(text, sizeof(text), "%.64s is %.32s", type, status ? status : "not set");
		set(ret, false, "", message && *message ? message : text);
	}
}

/* --- pods ---------------------------------------------------------------------- */

/* "main: Back-off pulling image …", with the container's name when there are several. */
static void set_container(const struct ss_doc *doc, ss_node status, bool terminal, const char *word,
                          const char *message, struct ss_reason *r)
{
	const char *name = ss_doc_find_string(doc, status, "name", NULL);
	char text[560];

	snprintf(text, sizeof(text), "container %.63s%s%.480s", name ? name : "?",
	         message && *message ? ": " : "", message ? message : "");
	set(r, terminal, word, text);
}

static bool of_waiting(const struct ss_doc *doc, ss_node status, struct ss_reason *r)
{
	static const char *const hopeless[] = {"InvalidImageName", "ErrImageNeverPull"};
	static const char *const ordinary[] = {"ContainerCreating", "PodInitializing"};
	ss_node waiting = ss_doc_find(doc, status, "state", "waiting", NULL);
	const char *word = ss_doc_find_string(doc, waiting, "reason", NULL);

	if (!word || is_one_of(word, ordinary, SS_ARRAY_LEN(ordinary)))
		return false;
	set_container(doc, status, is_one_of(word, hopeless, SS_ARRAY_LEN(hopeless)), word,
	              ss_doc_find_string(doc, waiting, "message", NULL), r);
	return true;
}

static bool of_terminated(const struct ss_doc *doc, ss_node status, struct ss_reason *r)
{
	ss_node ended = ss_doc_find(doc, status, "state", "terminated", NULL);
	int64_t exit_code = ss_doc_get_int(doc, ss_doc_get(doc, ended, "exitCode"), 0);
	const char *word = ss_doc_find_string(doc, ended, "reason", NULL);
	const char *message = ss_doc_find_string(doc, ended, "message", NULL);
	char text[480];

	if (ended == SS_NO_NODE || !exit_code)
		return false;
	snprintf(text, sizeof(text), "exit code %lld%s%.400s", (long long)exit_code,
	         message && *message ? ": " : "", message ? message : "");
	set_container(doc, status, false, word ? word : "Error", text, r);
	return true;
}

typedef bool (*container_fn)(const struct ss_doc *doc, ss_node status, struct ss_reason *r);

static bool any_container(const struct ss_doc *doc, ss_node pod, container_fn fn,
                          struct ss_reason *r)
{
	static const char *const lists[] = {"initContainerStatuses", "containerStatuses"};

	for (size_t i = 0; i < SS_ARRAY_LEN(lists); i++) {
		ss_node statuses = ss_doc_find(doc, pod, "status", lists[i], NULL);

		for (struct ss_iter it = ss_iter(doc, statuses); ss_iter_next(&it);)
			if (fn(doc, it.value, r))
				return true;
	}
	return false;
}

/* A pod that ended does not start again: restartPolicy works on containers, not on pods. */
static void of_ended_pod(const struct ss_doc *doc, ss_node pod, bool failed, struct ss_reason *r)
{
	const char *word = ss_doc_find_string(doc, pod, "status", "reason", NULL);
	const char *message = ss_doc_find_string(doc, pod, "status", "message", NULL);

	if (!(word && *word) && failed && any_container(doc, pod, of_terminated, r)) {
		r->terminal = true;
		return;
	}
	set(r, true,
	    word && *word ? word
	    : failed      ? "PodFailed"
	                  : "PodSucceeded",
	    message && *message ? message
	    : failed            ? "the pod failed"
	                        : "the pod has ended");
}

void ss_reason_of_pod(const struct ss_doc *doc, ss_node pod, struct ss_reason *ret)
{
	const char *phase = ss_doc_find_string(doc, pod, "status", "phase", NULL);
	ss_node scheduled = ss_reason_condition(doc, pod, "PodScheduled");
	const char *word;

	*ret = (struct ss_reason){0};
	if (phase && (!strcmp(phase, "Failed") || !strcmp(phase, "Succeeded"))) {
		of_ended_pod(doc, pod, *phase == 'F', ret);
		return;
	}
	if (any_container(doc, pod, of_waiting, ret) || any_container(doc, pod, of_terminated, ret))
		return;
	if (ss_doc_is_string(doc, ss_doc_get(doc, scheduled, "status"), "False")) {
		word = ss_doc_find_string(doc, scheduled, "reason", NULL);
		set(ret, false, word ? word : "Unschedulable",
		    ss_doc_find_string(doc, scheduled, "message", NULL));
		return;
	}
	if (phase && !strcmp(phase, "Pending"))
		set(ret, false, "",
		    ss_doc_find_string(doc, pod, "spec", "nodeName", NULL)
		            ? "its containers are being created"
		            : "it waits for a node");
	else if (phase && !strcmp(phase, "Running"))
		set(ret, false, "", "it runs, but is not ready");
}

/* --- sandboxes ------------------------------------------------------------------ */

/* What admission says when it will say the same again. The service account of a
 * namespace that is a second old, and a quota not counted yet, are about to come. */
static bool is_refusal(const char *message)
{
	static const char *const refusals[] = {
	        "forbidden",   "denied",          "exceeded quota",    "violates PodSecurity",
	        "is invalid",  "Invalid value",   "Unsupported value", "Required value",
	        "must not be", "must be no more", "may not be",        "is immutable"};
	static const char *const passing[] = {"error looking up service account", "no API token",
	                                      "status unknown for quota"};

	for (size_t i = 0; i < SS_ARRAY_LEN(passing); i++)
		if (strstr(message, passing[i]))
			return false;
	for (size_t i = 0; i < SS_ARRAY_LEN(refusals); i++)
		if (strstr(message, refusals[i]))
			return true;
	return false;
}

static const char *skip_prefix(const char *message, const char *prefix)
{
	size_t len = strlen(prefix);

	return message && !strncmp(message, prefix, len) ? message + len : message;
}

static bool of_scheduling(const struct ss_doc *doc, ss_node sandbox, struct ss_reason *r)
{
	ss_node condition = ss_reason_condition(doc, sandbox, "PodScheduled");
	const char *word = ss_doc_find_string(doc, condition, "reason", NULL);

	if (!ss_doc_is_string(doc, ss_doc_get(doc, condition, "status"), "False") || !word)
		return false;
	set(r, false, word, ss_doc_find_string(doc, condition, "message", NULL));
	return true;
}

static bool is_suspended(const struct ss_doc *doc, ss_node sandbox)
{
	ss_node spec = ss_doc_get(doc, sandbox, "spec");

	return ss_doc_is_string(doc, ss_doc_get(doc, spec, "operatingMode"), "Suspended") ||
	       ss_doc_get_int(doc, ss_doc_get(doc, spec, "replicas"), 1) == 0;
}

void ss_reason_of_sandbox(const struct ss_doc *doc, ss_node sandbox, struct ss_reason *ret)
{
	ss_node ready = ss_reason_condition(doc, sandbox, "Ready");
	const char *word = ss_doc_find_string(doc, ready, "reason", NULL);
	const char *message =
	        skip_prefix(ss_doc_find_string(doc, ready, "message", NULL), "Error seen: ");

	*ret = (struct ss_reason){0};
	if (ready == SS_NO_NODE) {
		set(ret, false, "",
		    "it has no status yet: is the agent-sandbox controller running?");
		return;
	}
	if (!word || !ss_reason_is_current(doc, sandbox, ready)) {
		set(ret, false, "",
		    "the agent-sandbox controller has not seen this generation yet");
		return;
	}
	if (!strcmp(word, "PodFailed") || !strcmp(word, "PodSucceeded")) {
		set(ret, true, word, message);
		ret->about_pod = true;
	} else if (!strcmp(word, "SandboxExpired") || !strcmp(word, "InvalidConfiguration")) {
		set(ret, true, word, message);
	} else if (!strcmp(word, "SandboxSuspended")) {
		set(ret, is_suspended(doc, sandbox), word,
		    "it is suspended: set spec.operatingMode to Running");
	} else if (!strcmp(word, "ReconcilerError")) {
		set(ret, message && is_refusal(message), word, message);
	} else if (!of_scheduling(doc, sandbox, ret)) {
		set(ret, false, word, message);
	}
}

/* --- events ---------------------------------------------------------------------- */

void ss_reason_of_events(const struct ss_doc *doc, ss_node events, struct ss_reason *ret)
{
	*ret = (struct ss_reason){0};
	for (struct ss_iter it = ss_iter(doc, events); ss_iter_next(&it);)
		if (ss_doc_is_string(doc, ss_doc_get(doc, it.value, "type"), "Warning"))
			set(ret, false, ss_doc_find_string(doc, it.value, "reason", NULL),
			    ss_doc_find_string(doc, it.value, "message", NULL));
}
