/* Response heads: status, the few headers we use, Warning texts. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "io/curl_priv.h"

void ss_curl_head_reset(struct head *head)
{
	struct ss_buf text = head->text;

	*head = (struct head){.text = text, .retry_after_ms = -1};
	ss_buf_reset(&head->text);
	ss_buf_add(&head->text, "", 1);
}

/* Offset of a copy of s, with control characters left out. */
static size_t keep(struct head *head, const char *s, size_t len, bool lower)
{
	size_t at = head->text.len;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c != 0x7f)
			ss_buf_putc(&head->text, (char)(lower ? tolower(c) : c));
	}
	ss_buf_add(&head->text, "", 1);
	return at;
}

static void content_type(struct head *head, const char *value, size_t len)
{
	const char *end = memchr(value, ';', len);
	size_t n = end ? (size_t)(end - value) : len;

	while (n && (value[n - 1] == ' ' || value[n - 1] == '\t'))
		n--;
	head->type = keep(head, value, n, true);
	head->type_full = keep(head, value, len, false);
}

/* Integer seconds; the date form is ignored, as client-go does. */
static void retry_after(struct head *head, const char *value, size_t len)
{
	int64_t seconds = 0;

	if (!len || len > 9)
		return;
	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return;
		seconds = seconds * 10 + (value[i] - '0');
	}
	head->retry_after_ms = seconds * 1000;
}

static void skip_spaces(const char **p, const char *end)
{
	while (*p < end && (**p == ' ' || **p == '\t'))
		(*p)++;
}

/* The quoted string at *p, unescaped into the head's text; false when it is none. */
static bool quoted(struct head *head, const char **p, const char *end, size_t *ret_at)
{
	const char *s = *p;

	*ret_at = head->text.len;
	if (s >= end || *s++ != '"')
		return false;
	while (s < end && *s != '"') {
		if (*s == '\\' && s + 1 < end)
			s++;
		if ((unsigned char)*s >= 0x20 && *s != 0x7f)
			ss_buf_putc(&head->text, *s);
		s++;
	}
	if (s >= end)
		return false;
	ss_buf_add(&head->text, "", 1);
	*p = s + 1;
	return true;
}

static void add_warning(struct head *head, size_t at)
{
	if (head->text.failed || head->n_warnings == WARNINGS)
		return;
	for (size_t i = 0; i < head->n_warnings; i++) {
		if (!strcmp(head->text.data + head->warnings[i], head->text.data + at))
			return;
	}
	head->warnings[head->n_warnings++] = at;
}

/* Warning = 1#( code SP agent SP quoted-text [ SP quoted-date ] ), RFC 7234 section 5.5;
 * the first malformed one ends the line. */
static void warnings(struct head *head, const char *p, size_t len)
{
	const char *end = p + len;
	size_t at, date;

	for (;;) {
		bool is_299;

		while (p < end && (*p == ' ' || *p == '\t' || *p == ','))
			p++;
		is_299 = end - p > 4 && !memcmp(p, "299 ", 4);
		if (end - p <= 4)
			return;
		p += 4;
		skip_spaces(&p, end);
		while (p < end && *p != ' ' && *p != '"')
			p++; /* agent */
		skip_spaces(&p, end);
		if (!quoted(head, &p, end, &at))
			return;
		if (is_299)
			add_warning(head, at);
		skip_spaces(&p, end);
		if (p < end && *p == '"' && !quoted(head, &p, end, &date))
			return;
	}
}

static bool named(const char *line, size_t name_len, const char *name)
{
	return name_len == strlen(name) && !strncasecmp(line, name, name_len);
}

static void field(struct head *head, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	const char *value, *end = line + len;
	size_t n, value_len;

	if (!colon)
		return;
	n = (size_t)(colon - line);
	value = colon + 1;
	skip_spaces(&value, end);
	value_len = (size_t)(end - value);
	if (named(line, n, "content-type"))
		content_type(head, value, value_len);
	else if (named(line, n, "etag"))
		head->etag = keep(head, value, value_len, false);
	else if (named(line, n, "retry-after"))
		retry_after(head, value, value_len);
	else if (named(line, n, "warning"))
		warnings(head, value, value_len);
}

/* "HTTP/1.1 200 OK", "HTTP/2 200": a new head begins, after that of a 1xx. */
static void status_line(struct head *head, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);
	size_t bytes = head->bytes;

	ss_curl_head_reset(head);
	head->bytes = bytes;
	head->http1 = len > 6 && line[5] == '1';
	if (!space)
		return;
	for (const char *p = space + 1; p < line + len && isdigit((unsigned char)*p); p++) {
		if (head->status < 1000)
			head->status = head->status * 10 + (*p - '0');
	}
}

int ss_curl_head_line(struct head *head, const char *line, size_t len)
{
	head->bytes += len;
	if (head->bytes > HEAD_MAX_BYTES)
		return SS_ERR_LIMIT;
	if (head->complete)
		return 0;
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r' || line[len - 1] == ' '))
		len--;
	if (head->text.failed)
		return head->text.failed;
	if (len == 0)
		head->complete = head->status >= 200;
	else if (len > 5 && !memcmp(line, "HTTP/", 5))
		status_line(head, line, len);
	else
		field(head, line, len);
	return head->text.failed;
}

void ss_curl_head_view(const struct head *head, struct ss_http_head *ret,
                       const char *list[WARNINGS])
{
	const char *text = head->text.data;

	for (size_t i = 0; i < head->n_warnings; i++)
		list[i] = text + head->warnings[i];
	*ret = (struct ss_http_head){
	        .status = head->status,
	        .content_type = text + head->type,
	        .content_type_full = text + head->type_full,
	        .etag = text + head->etag,
	        .retry_after_ms = head->retry_after_ms,
	        .warnings = list,
	        .n_warnings = head->n_warnings,
	};
}
