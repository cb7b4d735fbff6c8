/* Bytes from a terminal become characters and pastes.
 *
 * Text that a terminal marks as pasted (ESC [ 200 ~ … ESC [ 201 ~) comes out in one
 * piece, so that its tabs and line breaks are text and no keys. Bytes that are no
 * UTF-8 become U+FFFD, one each; so do C1 controls, which no keyboard sends. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#include "base/buf.h"

enum { SS_INPUT_PASTE_MAX_BYTES = 1 << 20 };

struct ss_input {
	struct ss_buf bytes; /* not yet taken */
	struct ss_buf paste; /* UTF-8, line breaks are \n */
	size_t paste_bytes;  /* that came, also of what is too long to be kept */
	bool pasting, was_cr;
};

enum ss_input_kind {
	SS_INPUT_NOTHING, /* more bytes are needed */
	SS_INPUT_CHAR,
	SS_INPUT_PASTE, /* paste has it, until the next call; or paste_bytes is over the limit */
};

void ss_input_init(struct ss_input *in);
void ss_input_done(struct ss_input *in);
/* SS_ERR_NOMEM loses bytes; nothing else fails. */
void ss_input_feed(struct ss_input *in, const char *data, size_t len);
/* settled: nothing more came for a while, so that the beginning of a sequence (ESC) or of a
 * character is not waited for. */
enum ss_input_kind ss_input_next(struct ss_input *in, bool settled, wchar_t *ret);
/* Bytes are there that next could not decide on. */
bool ss_input_is_partial(const struct ss_input *in);
/* Forget what was typed ahead. */
void ss_input_clear(struct ss_input *in);
