/* Who we are towards the server: where the Authorization header comes from, and whom
 * to impersonate. A credential is one of several sources behind struct ss_credential:
 * a fixed header, a token file that is re-read as it ages, and whatever comes (a plugin's
 * answer). Secrets are wiped when freed and registered with the log.
 * Loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ss_auth;
struct ss_credential;
struct ss_err;

/* --- a source of the Authorization header ---------------------------------- */
struct ss_credential_ops {
	/* The value ("Bearer …") for a request that starts now, valid until the next call; or
	 * NULL with err filled, which fails the request. */
	const char *(*value)(struct ss_credential *credential, struct ss_err *err);
	/* A request that began at started_mono_ms was answered 401: forget what was obtained
	 * before that. May be NULL. */
	void (*rejected)(struct ss_credential *credential, int64_t started_mono_ms);
	void (*free)(struct ss_credential *credential);
};
/* Implementations embed this as their first member. */
struct ss_credential {
	const struct ss_credential_ops *ops;
};

/* The same token for ever. *ret or SS_ERR_CONFIG (empty, control characters), SS_ERR_NOMEM. */
int ss_credential_token(const char *token, struct ss_credential **ret, struct ss_err *err);
int ss_credential_basic(const char *username, const char *password, struct ss_credential **ret,
                        struct ss_err *err);
/* The content of a file, white space trimmed, at most 1 MiB; read at once, and again when
 * it is older than 50 s or was rejected. When that fails the last token stays in use
 * (client-go's tokenSource). Errors as above, and a file that cannot be read. */
int ss_credential_token_file(const char *path, struct ss_credential **ret, struct ss_err *err);
void ss_credential_free(struct ss_credential *credential); /* NULL is fine */

/* --- all that a request carries -------------------------------------------- */
/* Takes credential over (NULL = none), also on failure. */
int ss_auth_new(struct ss_credential *credential, struct ss_auth **ret, struct ss_err *err);
void ss_auth_free(struct ss_auth *auth); /* NULL is fine */
/* Another header line for every request ("Impersonate-Group: dev"): SS_ERR_CONFIG when
 * value holds a control character. */
int ss_auth_add_header(struct ss_auth *auth, const char *name, const char *value,
                       struct ss_err *err);
/* key of Impersonate-Extra-<key>, with what a header name cannot hold percent-encoded. */
int ss_auth_add_extra(struct ss_auth *auth, const char *key, const char *value, struct ss_err *err);
/* Nothing to send at all. */
bool ss_auth_is_empty(const struct ss_auth *auth);

/* The callbacks of struct ss_curl_target, with the auth as ud. */
int ss_auth_headers(void *auth, void (*add)(void *add_ud, const char *line), void *add_ud,
                    struct ss_err *err);
void ss_auth_unauthorized(void *auth, int64_t started_mono_ms);
