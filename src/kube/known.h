/* Kinds that need no question to the server: those built into every Kubernetes
 * in their stable version, and agent-sandbox's, whose version alone varies. */
#pragma once

#include "kube/discovery.h"

/* Find by Kind, plural, singular or short name in any case. group and version narrow it, NULL = any;
 * the first row in the order of the table wins (core before others, v1beta1 before v1alpha1). */
const struct ss_kind *ss_known_find(const char *name, const char *group, const char *version);
/* All rows, for suggestions. */
const struct ss_kind *ss_known_all(size_t *ret_count);
/* agents.x-k8s.io or extensions.agents.x-k8s.io: the version is chosen by what the cluster serves. */
bool ss_known_is_agent_group(const char *group);
/* Does the comma separated list hold this word, in any case? */
bool ss_known_has_short(const char *shorts, const char *word);
