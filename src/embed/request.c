#include "embed/request.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                              : -1;
}

/* Percent-decoded, in the pool; NULL when malformed or with a NUL byte. */
static char *decode(struct ss_ctx *ctx, const char *s, size_t len, bool query)
{
	char *out = ss_pool_alloc(&ctx->pool, len + 1), *at = out;

	for (size_t i = 0; out && i < len; i++) {
		int hi, lo;

		if (s[i] != '%') {
			*at++ = query && s[i] == '+' ? ' ' : s[i];
			continue;
		}
		hi = i + 2 < len ? hex_digit(s[i + 1]) : -1;
		lo = i + 2 < len ? hex_digit(s[i + 2]) : -1;
		if (hi < 0 || lo < 0 || (hi == 0 && lo == 0))
			return NULL;
		*at++ = (char)(hi << 4 | lo);
		i += 2;
	}
	return out;
}

static int bad_escape(struct ss_ctx *ctx)
{
	return ss_fail(ctx, 400, "BadRequest", "invalid URL escape");
}

static int parse_query(struct ss_ctx *ctx, const char *s, struct ss_query **tail)
{
	while (s && *s) {
		size_t len = strcspn(s, "&"), key = strcspn(s, "=&");
		struct ss_query *q = ss_pool_alloc(&ctx->pool, sizeof(*q));

		if (!q)
			return ss_err_nomem(&ctx->err);
		q->key = decode(ctx, s, key, true);
		q->value = key < len ? decode(ctx, s + key + 1, len - key - 1, true) : "";
		if (!q->key || !q->value)
			return bad_escape(ctx);
		*tail = q;
		tail = &q->next;
		s += len + (s[len] == '&');
	}
	return 0;
}

int ss_request_parse(struct ss_ctx *ctx, const char *url, struct ss_request *ret)
{
	size_t len = strcspn(url, "?");

	ret->path = ss_pool_strndup(&ctx->pool, url, len);
	if (!ret->path)
		return ss_err_nomem(&ctx->err);
	return parse_query(ctx, url[len] ? url + len + 1 : NULL, &ret->query);
}

const char *ss_request_param(const struct ss_request *request, const char *key)
{
	for (const struct ss_query *q = request->query; q; q = q->next)
		if (strcmp(q->key, key) == 0)
			return q->value;
	return NULL;
}

bool ss_request_flag(const struct ss_request *request, const char *key)
{
	const char *value = ss_request_param(request, key);

	return value && (!*value || strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

bool ss_request_is_watch(const struct ss_request *request)
{
	return request->kind && strcmp(request->method, "GET") == 0 && !request->name &&
	       ss_request_flag(request, "watch");
}

bool ss_request_writes(const struct ss_request *request)
{
	return strcmp(request->method, "GET") != 0;
}

/* --- routing --------------------------------------------------------------- */
enum { MAX_SEGMENTS = 9 };

static int split(struct ss_ctx *ctx, const char *path, const char **segments, size_t *ret_n)
{
	*ret_n = 0;
	while (*path) {
		size_t len;

		while (*path == '/')
			path++;
		len = strcspn(path, "/");
		if (!len)
			break;
		if (*ret_n == MAX_SEGMENTS) {
			segments[0] = "";
			return 0;
		}
		segments[*ret_n] = decode(ctx, path, len, false);
		if (!segments[*ret_n])
			return ctx->pool.failed ? ss_err_nomem(&ctx->err) : bad_escape(ctx);
		++*ret_n;
		path += len;
	}
	return 0;
}

/* The real server answers this as plain text. */
static int no_page(struct ss_reply *reply)
{
	reply->status = 404;
	reply->content_type = "text/plain; charset=utf-8";
	ss_buf_puts(&reply->body, "404 page not found\n");
	return 0;
}

static int no_resource(struct ss_ctx *ctx, const char *group, const char *version,
                       const char *plural)
{
	int rc = ss_fail(ctx, 404, "NotFound",
	                 "the server could not find the requested resource: the embedded cluster "
	                 "does not do "
	                 "%s%s%s (%s); use a real cluster",
	                 plural, *group ? "." : "", group, version);

	ctx->status.details = true;
	return rc;
}

static int no_subresource(struct ss_ctx *ctx, const struct ss_kind *kind, const char *name)
{
	int rc = ss_fail(ctx, 501, "NotImplemented",
	                 "the embedded cluster does not do %s of %s; use a real "
	                 "cluster",
	                 name, ss_kind_resource(kind));

	ctx->status.details = true;
	return rc;
}

static int no_method(struct ss_ctx *ctx)
{
	int rc = ss_fail(ctx, 405, "MethodNotAllowed",
	                 "the server does not allow this method on the requested resource");

	ctx->status.details = true;
	return rc;
}

/* JSON is all there is; a request that takes only something else is told so. */
static bool accepts_json(const char *accept)
{
	while (*accept) {
		size_t len = strcspn(accept, ",");
		const char *at = accept + strspn(accept, " ");
		bool json = strncmp(at, "application/json", 16) == 0 ||
		            strncmp(at, "application/*", 13) == 0 || strncmp(at, "*/*", 3) == 0;
		const char *as = memmem(accept, len, "as=", 3);

		if (json && !as)
			return true;
		accept += len + (accept[len] == ',');
	}
	return false;
}

static int check_method(struct ss_ctx *ctx, const struct ss_request *r)
{
	static const char *const one[] = {"GET", "PUT", "PATCH", "DELETE", NULL};
	static const char *const many[] = {"GET", "POST", "DELETE", NULL};
	static const char *const sub[] = {"GET", "PUT", "PATCH", NULL};
	const char *const *allowed = r->subresource ? sub : r->name ? one : many;

	for (; *allowed; allowed++)
		if (strcmp(*allowed, r->method) == 0)
			break;
	if (!*allowed ||
	    (!r->name && !r->ns && r->kind->namespaced && strcmp(r->method, "GET") != 0) ||
	    (!r->name && r->kind->id == SS_KIND_NAMESPACE && strcmp(r->method, "DELETE") == 0))
		return no_method(ctx);
	return 0;
}

static int resolve(struct ss_ctx *ctx, struct ss_request *r, const char **seg, size_t n,
                   const char *group, const char *version)
{
	bool in_namespace = n >= 3 && strcmp(seg[0], "namespaces") == 0 &&
	                    strcmp(seg[2], "status") != 0 && strcmp(seg[2], "finalize") != 0;

	if (in_namespace) {
		r->ns = seg[1];
		seg += 2;
		n -= 2;
	}
	r->kind = ss_kind_by_plural(group, version, seg[0]);
	if (!r->kind || n > 3 || (in_namespace && !r->kind->namespaced))
		return no_resource(ctx, group, version, seg[0]);
	r->name = n > 1 ? seg[1] : NULL;
	r->subresource = n > 2 ? seg[2] : NULL;
	if (r->name && r->kind->namespaced && !r->ns)
		return no_resource(ctx, group, version, seg[0]);
	if (r->subresource && (strcmp(r->subresource, "status") != 0 || !r->kind->status))
		return no_subresource(ctx, r->kind, r->subresource);
	return check_method(ctx, r);
}

static int check_options(struct ss_ctx *ctx, const struct ss_request *r)
{
	const char *dry = ss_request_param(r, "dryRun");
	const char *manager = ss_request_param(r, "fieldManager");
	const char *options = strcmp(r->method, "POST") == 0    ? "CreateOptions"
	                      : strcmp(r->method, "PUT") == 0   ? "UpdateOptions"
	                      : strcmp(r->method, "PATCH") == 0 ? "PatchOptions"
	                                                        : "DeleteOptions";

	if (!ss_request_writes(r))
		return 0;
	if (dry && *dry && strcmp(dry, "All") != 0)
		ss_cause(ctx, "FieldValueNotSupported", "dryRun",
		         "Unsupported value: [%s]: supported values: \"All\"", ss_quoted(ctx, dry));
	if (manager && strlen(manager) > 128)
		ss_cause(ctx, "FieldValueTooLong", "fieldManager",
		         "Too long: may not be more than 128 bytes");
	ctx->dry_run = dry && *dry;
	return ss_fail_causes(ctx, "meta.k8s.io", options,
	                      ss_pool_printf(&ctx->pool, "%s.meta.k8s.io", options), "");
}

int ss_route(struct ss_ctx *ctx, struct ss_request *r, struct ss_reply *reply, bool *ret_done)
{
	const char *seg[MAX_SEGMENTS];
	size_t n;
	int rc = split(ctx, r->path, seg, &n);

	if (rc < 0)
		return rc;
	*ret_done = ss_discovery(ctx, r, reply, &rc);
	if (*ret_done)
		return rc;
	if (n >= 3 && strcmp(seg[0], "api") == 0 && strcmp(seg[1], "v1") == 0) {
		rc = resolve(ctx, r, seg + 2, n - 2, "", "v1");
	} else if (n >= 4 && strcmp(seg[0], "apis") == 0) {
		rc = resolve(ctx, r, seg + 3, n - 3, seg[1], seg[2]);
	} else {
		*ret_done = true;
		return no_page(reply);
	}
	if (rc == 0 && !accepts_json(r->accept)) {
		rc = ss_fail(ctx, 406, "NotAcceptable",
		             "only the following media types are accepted: application/json");
	}
	return rc < 0 ? rc : check_options(ctx, r);
}
