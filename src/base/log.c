#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/utf8.h"

enum { MAX_SECRETS = 64, MIN_SECRET_BYTES = 8 };

static const char *const names[] = {"debug", "info", "warn", "error", "off"};
static const char CUT[] = "...";
static const char MASK[] = "[secret]";

static atomic_int threshold = SS_LOG_WARN;
static ss_log_sink_fn sink;
static void *sink_ud;
static _Thread_local ss_log_sink_fn thread_sink;
static _Thread_local void *thread_sink_ud;

static struct secret {
	char *text;
	size_t len;
} secrets[MAX_SECRETS];
static size_t n_secrets, next_secret;
static pthread_mutex_t secrets_lock = PTHREAD_MUTEX_INITIALIZER;

void ss_log_set_level(enum ss_log_level level)
{
	atomic_store_explicit(&threshold, (int)level, memory_order_relaxed);
}

enum ss_log_level ss_log_get_level(void)
{
	return (enum ss_log_level)atomic_load_explicit(&threshold, memory_order_relaxed);
}

bool ss_log_parse_level(const char *name, enum ss_log_level *ret)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(names); i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = (enum ss_log_level)i;
			return true;
		}
	}
	return false;
}

void ss_log_set_sink(ss_log_sink_fn fn, void *ud)
{
	sink = fn;
	sink_ud = ud;
}

void ss_log_set_thread_sink(ss_log_sink_fn fn, void *ud)
{
	thread_sink = fn;
	thread_sink_ud = ud;
}

/* --- secrets and escapes ------------------------------------------------ */

static bool is_known_secret(const char *secret, size_t len)
{
	for (size_t i = 0; i < n_secrets; i++) {
		if (secrets[i].len == len && memcmp(secrets[i].text, secret, len) == 0)
			return true;
	}
	return false;
}

void ss_log_add_secret(const char *secret, size_t len)
{
	char *copy;

	if (len < MIN_SECRET_BYTES)
		return;
	copy = malloc(len);
	if (!copy)
		return;
	memcpy(copy, secret, len);
	pthread_mutex_lock(&secrets_lock);
	if (is_known_secret(secret, len)) {
		free(copy);
	} else {
		/* Tokens are renewed for as long as the process lives: the oldest one goes. */
		free(secrets[next_secret].text);
		secrets[next_secret] = (struct secret){copy, len};
		next_secret = (next_secret + 1) % MAX_SECRETS;
		if (n_secrets < MAX_SECRETS)
			n_secrets++;
	}
	pthread_mutex_unlock(&secrets_lock);
}

/* Length of the longest secret that starts at s, or 0. */
static size_t secret_at(const char *s, size_t len)
{
	size_t longest = 0;

	for (size_t i = 0; i < n_secrets; i++) {
		if (secrets[i].len <= len && secrets[i].len > longest &&
		    s[0] == secrets[i].text[0] && memcmp(s, secrets[i].text, secrets[i].len) == 0)
			longest = secrets[i].len;
	}
	return longest;
}

/* Controls (C0, DEL, C1), and what reorders or breaks a line on a terminal. */
static bool is_hostile(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200e && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* Escape what stands at s; returns the bytes taken, *ret_out (of 16) the text for it. */
static size_t escape_one(const char *s, size_t len, char out[16], size_t *ret_out)
{
	uint32_t code;
	size_t n = secret_at(s, len);

	if (n) {
		memcpy(out, MASK, sizeof(MASK) - 1);
		*ret_out = sizeof(MASK) - 1;
		return n;
	}
	if (s[0] >= 0x20 && s[0] < 0x7f) {
		out[0] = s[0];
		return *ret_out = 1;
	}
	n = ss_utf8_decode(s, len, &code);
	if (!n)
		*ret_out = (size_t)snprintf(out, 16, "\\x%02x", (unsigned char)s[0]);
	else if (!is_hostile(code))
		memcpy(out, s, *ret_out = n);
	else
		*ret_out = (size_t)snprintf(out, 16, code < 0x80 ? "\\x%02x" : "\\u%04x", code);
	return n ? n : 1;
}

void ss_log_escape(const char *s, size_t len, char *out, size_t out_size)
{
	size_t used = 0, mark = 0, n;
	char piece[16];

	if (!out_size)
		return;
	pthread_mutex_lock(&secrets_lock);
	for (size_t i = 0; i < len;) {
		i += escape_one(s + i, len - i, piece, &n);
		if (used + n >= out_size) {
			/* mark is the last place where the sign of a cut still fits. */
			used = mark;
			n = out_size > sizeof(CUT) ? sizeof(CUT) - 1 : 0;
			memcpy(out + used, CUT, n);
			used += n;
			break;
		}
		memcpy(out + used, piece, n);
		used += n;
		if (used + sizeof(CUT) <= out_size)
			mark = used;
	}
	pthread_mutex_unlock(&secrets_lock);
	out[used] = 0;
}

/* --- records ------------------------------------------------------------ */

static void write_all(const char *line, size_t len)
{
	while (len) {
		ssize_t n = write(STDERR_FILENO, line, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		line += n;
		len -= (size_t)n;
	}
}

/* What nobody registered, but looks like a secret. */
static void mask(const char *text, size_t len, struct ss_buf *out)
{
	size_t from = 0, at, n;

	while (ss_secret_find(text, len, from, &at, &n)) {
		ss_buf_add(out, text + from, at - from);
		ss_buf_puts(out, MASK);
		from = at + n;
	}
	ss_buf_add(out, text + from, len - from);
}

/* text is "message key=value …", not escaped. One write per record, so that
 * records of several processes on one terminal do not mix. */
static void emit(enum ss_log_level level, const char *text, size_t len)
{
	struct ss_buf masked SS_AUTO_BUF = SS_BUF_INIT;
	char line[SS_LOG_RECORD_BYTES];
	size_t used = (size_t)snprintf(line, sizeof(line), "%s ", names[level]);

	mask(text, len, &masked);
	if (!masked.failed && masked.len)
		ss_log_escape(masked.data, masked.len, line + used, sizeof(line) - used - 1);
	else
		line[used] = 0;
	used += strlen(line + used);
	if (thread_sink) {
		thread_sink(thread_sink_ud, line, used);
	} else if (sink) {
		sink(sink_ud, line, used);
	} else {
		line[used++] = '\n';
		write_all(line, used);
	}
}

void ss_log_line(const char *line, size_t len)
{
	char text[SS_LOG_RECORD_BYTES + 1];

	if (sink) {
		sink(sink_ud, line, len);
		return;
	}
	len = len < SS_LOG_RECORD_BYTES ? len : SS_LOG_RECORD_BYTES;
	memcpy(text, line, len);
	text[len] = '\n';
	write_all(text, len + 1);
}

static bool is_off(enum ss_log_level level)
{
	return level < ss_log_get_level() || level >= SS_LOG_OFF;
}

/* In one piece: a secret cut in two would not be recognised. NULL when there is no memory. */
static char *format(const char *fmt, va_list args)
{
	char *text;

	return vasprintf(&text, fmt, args) < 0 ? NULL : text;
}

void ss_log(enum ss_log_level level, const char *fmt, ...)
{
	char *text SS_AUTOFREE = NULL;
	va_list args;

	if (is_off(level))
		return;
	va_start(args, fmt);
	text = format(fmt, args);
	va_end(args);
	if (text)
		emit(level, text, strlen(text));
}

void ss_log_print(FILE *out, const char *fmt, ...)
{
	enum { LONGEST = 8 }; /* what one byte may become */
	char *text SS_AUTOFREE = NULL, *line SS_AUTOFREE = NULL;
	va_list args;
	size_t size;

	va_start(args, fmt);
	text = format(fmt, args);
	va_end(args);
	size = text ? strlen(text) * LONGEST + 1 : 0;
	line = size ? malloc(size) : NULL;
	if (!line)
		return;
	ss_log_escape(text, strlen(text), line, size);
	fprintf(out, "%s\n", line);
}

static bool is_word(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] <= ' ' || strchr("\"'=\\", s[i]))
			return false;
	}
	return len > 0;
}

void ss_log_fields(enum ss_log_level level, const char *message, const struct ss_doc *fields)
{
	SS_AUTO_BUF struct ss_buf text = {.max = 1 << 20};
	struct ss_iter it = ss_iter(fields, ss_doc_root(fields));

	if (is_off(level))
		return;
	ss_buf_puts(&text, message);
	while (ss_iter_next(&it)) {
		size_t len;
		const char *s = ss_doc_get_string(fields, it.value, &len);

		ss_buf_printf(&text, " %s=", it.key ? it.key : "");
		if (s && is_word(s, len))
			ss_buf_add(&text, s, len);
		else
			ss_json_encode(fields, it.value, &text);
	}
	emit(level, text.data ? text.data : "", text.len);
}
