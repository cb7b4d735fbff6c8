/* What a register holds, where the code leaves no doubt: the name by which it was read. Variables
 * that are assigned to a second time, values that a branch chooses, parameters: no verdict. */
#pragma once

#include "script/lint/code.h"

enum { SS_LINT_NAME = 128 };

/* The instruction that filled register r as pc finds it, on every way that leads to pc; -1 when there is
 * no such one. */
int64_t ss_lint_filled(const struct ss_lint_function *f, size_t pc, unsigned r);
/* "k8s.apply" for what pc finds in register r: a global, a field of one, and what is taken from them by
 * way of local variables. What `require "NAME"` returns is called NAME, the module sandscript "", a client
 * of assert(k8s.connect…) "connect()". false when it is not known. */
bool ss_lint_value(const struct ss_lint_function *f, size_t pc, unsigned r, char out[SS_LINT_NAME]);
/* The same for what the instruction at pc reads: GETTABUP, GETFIELD, SELF. */
bool ss_lint_read_name(const struct ss_lint_function *f, size_t pc, char out[SS_LINT_NAME]);
/* And for the field that SETTABUP or SETFIELD at pc writes. */
bool ss_lint_written_name(const struct ss_lint_function *f, size_t pc, char out[SS_LINT_NAME]);
/* The local variable that register r is at pc, or NULL. */
const struct ss_lint_local *ss_lint_local_at(const struct ss_lint_function *f, size_t pc,
                                             unsigned r);
/* Does any instruction from start on until end, or a function made there, look at register r? */
bool ss_lint_is_used(const struct ss_lint_function *f, size_t start, size_t end, unsigned r);
