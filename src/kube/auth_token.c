/* Credentials that are text: a token, a user's password, a file with a token. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/log.h"
#include "io/file.h"
#include "io/own.h"
#include "kube/auth.h"

enum {
	FRESH_MS = 50000, /* a minute less ten seconds, as client-go has it (K8) */
	TOKEN_FILE_MAX_BYTES = 1 << 20,
};

struct text_credential {
	struct ss_credential base;
	char *value; /* "Bearer …"; NULL: must be read */
	char *path;  /* of the file, or NULL */
	int64_t read_at_ms;
	bool rejected; /* read it again, however fresh */
};

static void wipe(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	free(s);
}

void ss_credential_free(struct ss_credential *credential)
{
	if (credential)
		credential->ops->free(credential);
}

static void text_free(struct ss_credential *base)
{
	struct text_credential *c = SS_CONTAINER_OF(base, struct text_credential, base);

	wipe(c->value);
	free(c->path);
	free(c);
}

static const char *fixed_value(struct ss_credential *base, struct ss_err *err)
{
	struct text_credential *c = SS_CONTAINER_OF(base, struct text_credential, base);

	(void)err;
	return c->value;
}

static const struct ss_credential_ops fixed_ops = {.value = fixed_value, .free = text_free};

static struct text_credential *text_new(const struct ss_credential_ops *ops, struct ss_err *err)
{
	struct text_credential *c = calloc(1, sizeof(*c));

	if (c)
		c->base.ops = ops;
	else
		ss_err_nomem(err);
	return c;
}

/* Prefix and secret as one string, to be freed with wipe. */
static char *join(const char *prefix, const char *secret, size_t len)
{
	size_t n = strlen(prefix);
	char *value = malloc(n + len + 1);

	if (!value)
		return NULL;
	memcpy(value, prefix, n);
	memcpy(value + n, secret, len);
	value[n + len] = 0;
	return value;
}

/* What a header can carry: the message never shows the text. */
static int check_secret(const char *what, const char *s, size_t len, struct ss_err *err)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return ss_err_set(err, SS_ERR_CONFIG, "%s holds a control character", what);
	}
	return 0;
}

static int check_token(const char *token, size_t len, struct ss_err *err)
{
	if (!len)
		return ss_err_set(err, SS_ERR_CONFIG, "the token is empty");
	return check_secret("the token", token, len, err);
}

int ss_credential_token(const char *token, struct ss_credential **ret, struct ss_err *err)
{
	size_t len = strlen(token);
	struct text_credential *c;
	int rc = check_token(token, len, err);

	if (rc)
		return rc;
	c = text_new(&fixed_ops, err);
	if (!c)
		return SS_ERR_NOMEM;
	c->value = join("Bearer ", token, len);
	if (!c->value) {
		text_free(&c->base);
		return ss_err_nomem(err);
	}
	ss_log_add_secret(token, len);
	*ret = &c->base;
	return 0;
}

/* "user:password" in base64; both forms are secrets. */
static char *basic_value(const char *username, const char *password)
{
	struct ss_buf plain = SS_BUF_INIT, coded = SS_BUF_INIT;
	char *value = NULL;

	ss_buf_puts(&plain, username);
	ss_buf_putc(&plain, ':');
	ss_buf_puts(&plain, password);
	ss_base64_encode(plain.data, plain.len, &coded);
	if (!plain.failed && !coded.failed) {
		ss_log_add_secret(password, strlen(password));
		ss_log_add_secret(coded.data, coded.len);
		value = join("Basic ", coded.data, coded.len);
	}
	if (plain.data)
		explicit_bzero(plain.data, plain.len);
	if (coded.data)
		explicit_bzero(coded.data, coded.len);
	ss_buf_done(&plain);
	ss_buf_done(&coded);
	return value;
}

int ss_credential_basic(const char *username, const char *password, struct ss_credential **ret,
                        struct ss_err *err)
{
	struct text_credential *c;
	int rc = check_secret("username", username, strlen(username), err);

	if (!rc)
		rc = check_secret("password", password, strlen(password), err);
	if (!rc && strchr(username, ':'))
		rc = ss_err_set(err, SS_ERR_CONFIG, "username holds a colon");
	if (rc)
		return rc;
	c = text_new(&fixed_ops, err);
	if (!c)
		return SS_ERR_NOMEM;
	c->value = basic_value(username, password);
	if (!c->value) {
		text_free(&c->base);
		return ss_err_nomem(err);
	}
	*ret = &c->base;
	return 0;
}

/* --- a token file ---------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

static int take_token(struct text_credential *c, const struct ss_buf *text, struct ss_err *err)
{
	const char *token = text->data ? text->data : "";
	size_t len = text->len;
	char *value;
	int rc;

	while (len && is_space(token[len - 1]))
		len--;
	while (len && is_space(*token)) {
		token++;
		len--;
	}
	rc = check_token(token, len, err);
	if (rc)
		return rc == SS_ERR_NOMEM ? rc : ss_err_wrap(err, rc, "%s", c->path);
	value = join("Bearer ", token, len);
	if (!value)
		return ss_err_nomem(err);
	if (!c->value || strcmp(c->value, value))
		ss_log_add_secret(token, len);
	wipe(c->value);
	c->value = value;
	return 0;
}

static int read_token(struct text_credential *c, struct ss_err *err)
{
	struct ss_buf text = SS_BUF_INIT;
	int rc;

	ss_own_file(c->path);
	rc = ss_file_read(c->path, TOKEN_FILE_MAX_BYTES, &text, err);
	if (!rc)
		rc = take_token(c, &text, err);
	if (text.data)
		explicit_bzero(text.data, text.len);
	ss_buf_done(&text);
	return rc;
}

static const char *file_value(struct ss_credential *base, struct ss_err *err)
{
	struct text_credential *c = SS_CONTAINER_OF(base, struct text_credential, base);
	int64_t now = ss_clock_mono_ms();
	struct ss_err failure SS_AUTO_ERR;

	if (c->value && !c->rejected && now - c->read_at_ms < FRESH_MS)
		return c->value;
	if (read_token(c, &failure) == 0) {
		c->read_at_ms = now;
		c->rejected = false;
	} else if (c->value) {
		/* While the file is being replaced the old token usually still works. */
		ss_log(SS_LOG_DEBUG, "keeping the old token: %s", failure.message);
	} else {
		ss_err_move(err, &failure);
	}
	return c->value;
}

static void file_rejected(struct ss_credential *base, int64_t started_mono_ms)
{
	struct text_credential *c = SS_CONTAINER_OF(base, struct text_credential, base);

	/* A token read after that request began is not the one that was refused. */
	if (c->read_at_ms <= started_mono_ms)
		c->rejected = true;
}

static const struct ss_credential_ops file_ops = {
        .value = file_value, .rejected = file_rejected, .free = text_free};

int ss_credential_token_file(const char *path, struct ss_credential **ret, struct ss_err *err)
{
	struct text_credential *c = text_new(&file_ops, err);
	int rc = 0;

	if (!c)
		return SS_ERR_NOMEM;
	c->path = strdup(path);
	if (!c->path)
		rc = ss_err_nomem(err);
	if (!rc)
		rc = read_token(c, err);
	if (rc) {
		text_free(&c->base);
		if (err && rc != SS_ERR_NOMEM)
			err->code = rc = SS_ERR_CONFIG;
		return rc;
	}
	c->read_at_ms = ss_clock_mono_ms();
	*ret = &c->base;
	return 0;
}
