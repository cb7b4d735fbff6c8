/* Files that decide what this process does (policy, configuration, kubeconfig) must not
 * be anybody's to change: a file that everybody may write to, or that belongs to
 * another user than root or the one of this process, and the same of its folder (unless
 * that is sticky: what others put there is theirs). A group may write: who is in it was
 * the owner's decision. Said as a warning; a process that watches such files refuses
 * them, since it would act on whatever is put there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ss_err;

/* This process watches. Before other threads start; there is no way back. */
void ss_trust_be_strict(void);
bool ss_trust_is_strict(void);
/* Why the file at path, which is there, is anybody's; false when it is not, or is no regular file. */
bool ss_trust_problem(const char *path, char *why, size_t size);
/* 0, said as a warning if need be (once per file); SS_ERR_CONFIG when strict. what: "kubeconfig". */
int ss_trust_check(const char *what, const char *path, struct ss_err *err);
