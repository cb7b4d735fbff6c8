#include "kube/status.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "kube/client.h"

enum {
	TEXT_MAX = 256,             /* bytes of a foreign body that reach a message */
	CAUSES_MAX = 256,           /* a Status may list one cause per field of a huge object */
	RETRY_AFTER_MAX_MS = 60000, /* a server may not put us to sleep for longer */
};

struct code_row {
	const char *reason;
	int status; /* that stands for this reason when there is no Status body; 0 = none */
	int code;
	bool retryable;
};

/* By reason first: AlreadyExists and Conflict are both 409 (K30). */
static const struct code_row rows[] = {
        {"BadRequest", 400, SS_ERR_INVAL, false},
        {"Invalid", 422, SS_ERR_INVAL, false},
        {"Unauthorized", 401, SS_ERR_UNAUTHORIZED, false},
        {"Forbidden", 403, SS_ERR_FORBIDDEN, false},
        {"NotFound", 404, SS_ERR_NOT_FOUND, false},
        {"AlreadyExists", 0, SS_ERR_ALREADY_EXISTS, false},
        {"Conflict", 409, SS_ERR_CONFLICT, false},
        {"Expired", 0, SS_ERR_GONE, false},
        {"Gone", 410, SS_ERR_GONE, false},
        {"TooManyRequests", 429, SS_ERR_RATE_LIMITED, true},
        {"ServerTimeout", 0, SS_ERR_UNAVAILABLE, true},
        {"Timeout", 504, SS_ERR_UNAVAILABLE, true},
        {"ServiceUnavailable", 503, SS_ERR_UNAVAILABLE, true},
        {"InternalError", 500, SS_ERR_UNAVAILABLE, false},
        {"MethodNotAllowed", 405, SS_ERR_UNSUPPORTED, false},
        {"NotAcceptable", 406, SS_ERR_UNSUPPORTED, false},
        {"UnsupportedMediaType", 415, SS_ERR_UNSUPPORTED, false},
        {"RequestEntityTooLarge", 413, SS_ERR_LIMIT, false},
        {"StoreReadError", 0, SS_ERR_UNAVAILABLE, false},
};

static const struct code_row *row_of(const char *reason, int status)
{
	static const struct code_row server = {"", 0, SS_ERR_UNAVAILABLE, true};
	static const struct code_row client = {"", 0, SS_ERR_INVAL, false};
	static const struct code_row moved = {"", 0, SS_ERR_UNAVAILABLE, false};
	static const struct code_row senseless = {"", 0, SS_ERR_INTERNAL, false};

	for (size_t i = 0; reason && *reason && i < SS_ARRAY_LEN(rows); i++)
		if (!strcmp(rows[i].reason, reason))
			return &rows[i];
	for (size_t i = 0; i < SS_ARRAY_LEN(rows); i++)
		if (rows[i].status == status)
			return &rows[i];
	if (status >= 500)
		return &server;
	if (status >= 400)
		return &client;
	return status >= 300 && status < 400 ? &moved : &senseless;
}

/* The API server reports an apply that its schema does not know as its own fault (500
 * InternalError); it is the object's, and no retry helps. */
static const struct code_row *correct(const struct code_row *row, const char *message)
{
	static const struct code_row schema = {"Invalid", 0, SS_ERR_INVAL, false};

	return row->code == SS_ERR_UNAVAILABLE &&
	                       (strstr(message, "failed to create typed patch object") ||
	                        strstr(message, "field not declared in schema"))
	               ? &schema
	               : row;
}

static void copy_causes(const struct ss_doc *doc, ss_node causes, struct ss_err *err)
{
	struct ss_doc *details;
	size_t n = 0;

	if (!ss_doc_count(doc, causes) || !(details = ss_doc_new()))
		return;
	ss_doc_begin_array(details);
	for (struct ss_iter it = ss_iter(doc, causes); ss_iter_next(&it) && n++ < CAUSES_MAX;) {
		ss_doc_begin_object(details);
		ss_doc_put_string(details, "field",
		                  ss_doc_find_string(doc, it.value, "field", NULL));
		ss_doc_put_string(details, "reason",
		                  ss_doc_find_string(doc, it.value, "reason", NULL));
		ss_doc_put_string(details, "message",
		                  ss_doc_find_string(doc, it.value, "message", NULL));
		ss_doc_end(details);
	}
	ss_doc_end(details);
	if (ss_doc_finish(details, NULL)) {
		ss_doc_free(details);
		return;
	}
	ss_doc_free(err->details);
	err->details = details;
}

static bool has_cause(const struct ss_doc *doc, ss_node causes, const char *reason)
{
	for (struct ss_iter it = ss_iter(doc, causes); ss_iter_next(&it);)
		if (ss_doc_is_string(doc, ss_doc_get(doc, it.value, "reason"), reason))
			return true;
	return false;
}

/* What a person does about it, behind the server's own words. */
static const char *advice(const struct ss_doc *doc, ss_node causes, const struct ss_err *err)
{
	if (err->code == SS_ERR_CONFLICT && has_cause(doc, causes, "FieldManagerConflict"))
		return "; another manager owns these fields: leave them out, or take them over "
		       "with "
		       "--force-conflicts (force=true in a script)";
	if (err->code == SS_ERR_FORBIDDEN && has_cause(doc, causes, "NamespaceTerminating"))
		return "; wait until the namespace is gone and create it again";
	return "";
}

static void set_retry(const struct code_row *row, int64_t retry_after_ms, const char *message,
                      struct ss_err *err)
{
	err->retryable = row->retryable;
	/* The old object is still there while its finalizers run: the same create succeeds later. */
	if (row->code == SS_ERR_ALREADY_EXISTS && strstr(message, "object is being deleted"))
		err->retryable = true;
	if (retry_after_ms >= 0) {
		err->retry_after_ms =
		        retry_after_ms < RETRY_AFTER_MAX_MS ? retry_after_ms : RETRY_AFTER_MAX_MS;
		if (row->code == SS_ERR_UNAVAILABLE || row->code == SS_ERR_RATE_LIMITED)
			err->retryable = true;
	}
}

static void set_message(const struct ss_client *client, const char *message, const char *more,
                        struct ss_err *err)
{
	const char *context = ss_client_context(client), *server = ss_client_server(client);
	bool unnamed = strstr(message, "HTTP ") == NULL;
	int code = err->code;
	char status[16] = "";

	if (unnamed)
		snprintf(status, sizeof(status), ", HTTP %d", err->status);
	if (code == SS_ERR_FORBIDDEN && strstr(message, " cannot "))
		more = "; check the roles bound to this user";
	if (code == SS_ERR_UNAUTHORIZED)
		ss_err_set(err, code,
		           "context %s at %s%s: the server does not accept the credentials "
		           "(%.200s): check the token or certificate of this context's user, and "
		           "whether it has expired",
		           context, server, status, message);
	else
		ss_err_set(err, code, "%.640s (context %.100s%s)%s", message, context, status,
		           more);
}

int ss_status_decode(const struct ss_client *client, int http_status, const struct ss_doc *doc,
                     ss_node status, struct ss_err *err)
{
	const char *reason = ss_doc_find_string(doc, status, "reason", NULL);
	const char *message = ss_doc_find_string(doc, status, "message", NULL);
	ss_node details = ss_doc_get(doc, status, "details");
	ss_node causes = ss_doc_get(doc, details, "causes");
	int64_t seconds = ss_doc_get_int(doc, ss_doc_get(doc, details, "retryAfterSeconds"), -1);
	int code = (int)ss_doc_get_int(doc, ss_doc_get(doc, status, "code"), http_status);
	const struct code_row *row = row_of(reason, code);
	char unnamed[64];

	if (!message || !*message) {
		snprintf(unnamed, sizeof(unnamed), "the server answered %d %.32s", code,
		         reason ? reason : "");
		message = unnamed;
	}
	row = correct(row, message);
	ss_err_done(err);
	err->code = row->code;
	err->status = code;
	snprintf(err->reason, sizeof(err->reason), "%s", reason ? reason : row->reason);
	if (seconds > RETRY_AFTER_MAX_MS / 1000)
		seconds = RETRY_AFTER_MAX_MS / 1000;
	set_retry(row, seconds > 0 ? seconds * 1000 : -1, message, err);
	set_message(client, message, advice(doc, causes, err), err);
	copy_causes(doc, causes, err);
	return err->code;
}

bool ss_status_is_failure(const struct ss_doc *doc, ss_node node)
{
	return ss_doc_is_string(doc, ss_doc_get(doc, node, "kind"), "Status") &&
	       ss_doc_is_string(doc, ss_doc_get(doc, node, "apiVersion"), "v1") &&
	       ss_doc_is_string(doc, ss_doc_get(doc, node, "status"), "Failure");
}

static const char *http_phrase(int status)
{
	switch (status) {
	case 301:
	case 302:
	case 307:
	case 308:
		return " (a redirect, which is not followed: write the final address into the "
		       "kubeconfig)";
	case 407:
		return " (the proxy wants credentials)";
	case 502:
	case 503:
	case 504:
		return " (a proxy or load balancer in front of it may have answered)";
	}
	return "";
}

static void strip(const char **text, size_t *len)
{
	while (*len && (unsigned char)**text <= ' ')
		(*text)++, (*len)--;
	while (*len && (unsigned char)(*text)[*len - 1] <= ' ')
		(*len)--;
}

/* A page for people is not the API's word: its 404 does not mean that an object is gone. */
static const struct code_row *of_page(const struct code_row *row)
{
	static const struct code_row other = {"", 0, SS_ERR_UNAVAILABLE, false};

	return row->code == SS_ERR_NOT_FOUND || row->code == SS_ERR_INVAL ? &other : row;
}

/* No Status: a proxy's page, or the API server's plain "404 page not found". */
static int foreign_error(const struct ss_client *client, int http_status, const char *content_type,
                         const char *body, size_t len, struct ss_err *err)
{
	static const char plain_http[] = "Client sent an HTTP request to an HTTPS server";
	bool page = strstr(content_type, "html") != NULL, plain;
	const struct code_row *row = row_of("", http_status);
	char text[TEXT_MAX * 2];
	char message[TEXT_MAX * 4];

	if (page)
		row = of_page(row);
	strip(&body, &len);
	ss_log_escape(body ? body : "", len < TEXT_MAX ? len : TEXT_MAX, text, sizeof(text));
	plain = http_status == 400 && !strncmp(text, plain_http, sizeof(plain_http) - 1);
	err->code = plain ? SS_ERR_TLS : row->code;
	err->status = http_status;
	err->retryable = row->retryable;
	snprintf(err->reason, sizeof(err->reason), "%s", row->reason);
	if (http_status == 404 && !strcmp(text, "404 page not found"))
		snprintf(
		        message, sizeof(message),
		        "the server does not serve this kind in this version (404 page not found)");
	else if (plain)
		snprintf(message, sizeof(message),
		         "the server speaks TLS on this port: write https:// in the kubeconfig");
	else
		snprintf(message, sizeof(message), "the server answered HTTP %d%s%s%s%s%s%s%s",
		         http_status, http_phrase(http_status), *content_type ? ", " : "",
		         content_type, page ? "; is it a Kubernetes API server?" : "",
		         *text ? ": \"" : "", text, *text ? "\"" : "");
	set_message(client, message, "", err);
	return err->code;
}

int ss_status_error(const struct ss_client *client, int http_status, int64_t retry_after_ms,
                    const char *content_type, const char *body, size_t len, struct ss_err *err)
{
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	bool json = strstr(content_type, "json") != NULL;

	ss_err_done(err);
	if (json && len && !ss_json_parse(body, len, &doc, NULL) &&
	    ss_doc_is_string(doc, ss_doc_get(doc, ss_doc_root(doc), "kind"), "Status"))
		ss_status_decode(client, http_status, doc, ss_doc_root(doc), err);
	else
		foreign_error(client, http_status, content_type, body, len, err);
	if (retry_after_ms >= 0)
		set_retry(row_of(err->reason, http_status), retry_after_ms, err->message, err);
	return err->code;
}

bool ss_status_no_such_path(const struct ss_err *err)
{
	return err->code == SS_ERR_NOT_FOUND && err->status == 404 &&
	       strstr(err->message, "(404 page not found)");
}

/* --- errors about Secrets ------------------------------------------------------ */

/* Behind a quoted Go string; its end when the closing quote was cut off. */
static const char *skip_quoted(const char *s)
{
	for (s++; *s && *s != '"'; s++)
		s += *s == '\\' && s[1];
	return *s ? s + 1 : s;
}

/* What k8s.io/apimachinery's field errors put in front of a value. */
static size_t value_label(const char *text)
{
	static const char *const labels[] = {
	        "Invalid value: ", "Unsupported value: ", "Duplicate value: ", "Not found: "};

	for (size_t i = 0; i < SS_ARRAY_LEN(labels); i++) {
		if (!strncmp(text, labels[i], strlen(labels[i])))
			return strlen(labels[i]);
	}
	return 0;
}

static void put_withheld(struct ss_buf *out, const char *text)
{
	static const char got[] = ", got ";

	while (text && *text) {
		size_t label = value_label(text);

		if (label) {
			ss_buf_add(out, text, label);
			ss_buf_puts(out, "\"***\"");
			text += label;
			/* What is not quoted is a whole structure, of which nobody knows the end. */
			text = *text == '"' ? skip_quoted(text) : "";
		} else if (!strncmp(text, got, sizeof(got) - 1)) {
			ss_buf_puts(out, ", got something else");
			text = "";
		} else {
			ss_buf_putc(out, *text++);
		}
	}
}

static void copy_withheld(struct ss_doc *out, const struct ss_doc *doc, ss_node cause)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;

	ss_doc_begin_object(out);
	for (struct ss_iter it = ss_iter(doc, cause); ss_iter_next(&it);) {
		ss_buf_reset(&text);
		put_withheld(&text, ss_doc_get_string(doc, it.value, NULL));
		ss_doc_put_string(out, it.key, text.data ? text.data : "");
	}
	ss_doc_end(out);
}

static void withhold_details(struct ss_err *err)
{
	struct ss_doc *details = ss_doc_new();

	if (details) {
		ss_doc_begin_array(details);
		for (struct ss_iter it = ss_iter(err->details, ss_doc_root(err->details));
		     ss_iter_next(&it);)
			copy_withheld(details, err->details, it.value);
		ss_doc_end(details);
		if (ss_doc_finish(details, NULL)) {
			ss_doc_free(details);
			details = NULL;
		}
	}
	ss_doc_free(err->details);
	err->details = details;
}

/* Where set_message's own words begin, behind whatever the server said. */
static size_t own_words(const struct ss_client *client, const char *message)
{
	const char *found = NULL, *at = message;
	char own[128];

	snprintf(own, sizeof(own), " (context %.100s", ss_client_context(client));
	while ((at = strstr(at, own)))
		found = at++;
	return found ? (size_t)(found - message) : strlen(message);
}

void ss_status_withhold(const struct ss_client *client, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	size_t own = own_words(client, err->message);
	char own_text[sizeof(err->message)];

	memcpy(own_text, err->message + own, strlen(err->message + own) + 1);
	err->message[own] = 0;
	put_withheld(&text, err->message);
	ss_buf_puts(&text, own_text);
	snprintf(err->message, sizeof(err->message), "%s", text.data ? text.data : "");
	/* The guard's own findings quote no values, and are no list of texts. */
	if (err->details && err->status)
		withhold_details(err);
}
