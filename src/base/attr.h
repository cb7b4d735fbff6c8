/* Attributes and scope cleanup.
 * SS_CLEANUP(fn) runs fn(&variable) when the variable leaves its scope; it does
 * not run when a Lua error jumps over the frame, so a function marked
 * SS_MAY_RAISE must not hold such a variable at a point that may raise. */
#pragma once

#include <stdlib.h>

#define SS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define SS_CLEANUP(fn)       __attribute__((cleanup(fn)))
#define SS_UNUSED            __attribute__((unused))
#define SS_CHECK_RESULT      __attribute__((warn_unused_result))
#define SS_EXPORT            __attribute__((visibility("default")))

/* The function may longjmp out through a Lua error: hold no bare resource
 * across a call to it. Nothing below script/ carries this mark. */
#define SS_MAY_RAISE

#define SS_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline void ss_autofree_(void *p)
{
	free(*(void **)p);
}
/* char *s SS_AUTOFREE = NULL; */
#define SS_AUTOFREE SS_CLEANUP(ss_autofree_)

#define SS_CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
