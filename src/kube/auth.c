#include "kube/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

enum { MAX_LINES = 256 };

struct ss_auth {
	struct ss_credential *credential; /* NULL = anonymous */
	char **lines;
	size_t n_lines;
	struct ss_buf scratch; /* the Authorization line, wiped after use */
};

int ss_auth_new(struct ss_credential *credential, struct ss_auth **ret, struct ss_err *err)
{
	struct ss_auth *auth = calloc(1, sizeof(*auth));

	if (!auth) {
		ss_credential_free(credential);
		return ss_err_nomem(err);
	}
	auth->credential = credential;
	*ret = auth;
	return 0;
}

void ss_auth_free(struct ss_auth *auth)
{
	if (!auth)
		return;
	ss_credential_free(auth->credential);
	for (size_t i = 0; i < auth->n_lines; i++)
		free(auth->lines[i]);
	free(auth->lines);
	ss_buf_done(&auth->scratch);
	free(auth);
}

static bool is_clean(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	}
	return true;
}

/* Takes the buffer's text. */
static int add_line(struct ss_auth *auth, struct ss_buf *line, struct ss_err *err)
{
	char **grown;
	char *text;

	if (auth->n_lines >= MAX_LINES)
		return ss_err_set(err, SS_ERR_LIMIT, "more than %d impersonation headers",
		                  MAX_LINES);
	grown = realloc(auth->lines, (auth->n_lines + 1) * sizeof(*grown));
	if (!grown)
		return ss_err_nomem(err);
	auth->lines = grown;
	text = ss_buf_take(line, NULL);
	if (!text)
		return ss_err_nomem(err);
	auth->lines[auth->n_lines++] = text;
	return 0;
}

int ss_auth_add_header(struct ss_auth *auth, const char *name, const char *value,
                       struct ss_err *err)
{
	struct ss_buf line SS_AUTO_BUF = SS_BUF_INIT;

	if (!is_clean(value))
		return ss_err_set(err, SS_ERR_CONFIG, "the value holds a control character");
	ss_buf_puts(&line, name);
	ss_buf_puts(&line, ": ");
	ss_buf_puts(&line, value);
	return add_line(auth, &line, err);
}

/* The characters of an HTTP token, '%' excepted (client-go's headerKeyEscape). */
static bool is_token_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("!#$&'*+-.^_`|~", c));
}

int ss_auth_add_extra(struct ss_auth *auth, const char *key, const char *value, struct ss_err *err)
{
	struct ss_buf name SS_AUTO_BUF = SS_BUF_INIT;

	ss_buf_puts(&name, "Impersonate-Extra-");
	for (; *key; key++) {
		unsigned char c = (unsigned char)*key;

		if (is_token_char(c))
			ss_buf_putc(&name, *key);
		else
			ss_buf_printf(&name, "%%%02X", c);
	}
	if (name.failed)
		return ss_buf_check(&name, "an impersonation header", err);
	return ss_auth_add_header(auth, name.data, value, err);
}

bool ss_auth_is_empty(const struct ss_auth *auth)
{
	return !auth->credential && !auth->n_lines;
}

int ss_auth_headers(void *ud, void (*add)(void *add_ud, const char *line), void *add_ud,
                    struct ss_err *err)
{
	struct ss_auth *auth = ud;
	struct ss_buf *line = &auth->scratch;
	const char *value;

	for (size_t i = 0; i < auth->n_lines; i++)
		add(add_ud, auth->lines[i]);
	if (!auth->credential)
		return 0;
	value = auth->credential->ops->value(auth->credential, err);
	if (!value)
		return err ? err->code : SS_ERR_CONFIG;
	ss_buf_reset(line);
	ss_buf_puts(line, "Authorization: ");
	ss_buf_puts(line, value);
	if (line->failed)
		return ss_buf_check(line, "the Authorization header", err);
	add(add_ud, line->data);
	explicit_bzero(line->data, line->len);
	return 0;
}

void ss_auth_unauthorized(void *ud, int64_t started_mono_ms)
{
	struct ss_auth *auth = ud;

	if (auth->credential && auth->credential->ops->rejected)
		auth->credential->ops->rejected(auth->credential, started_mono_ms);
}
