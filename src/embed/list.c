/* Lists: selectors, pages of one snapshot, resourceVersion. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "embed/request.h"
#include "embed/select.h"

void ss_reply_item(struct ss_buf *out, const struct ss_kind *kind, const char *body, size_t len)
{
	char frame[160];
	int n = snprintf(frame, sizeof(frame), "{\"apiVersion\":\"%s\",\"kind\":\"%s\",",
	                 ss_kind_api_version(kind), kind->kind);

	if (kind->custom || n <= 0 || len < (size_t)n || memcmp(body, frame, (size_t)n) != 0) {
		ss_buf_add(out, body, len);
		return;
	}
	ss_buf_putc(out, '{');
	ss_buf_add(out, body + n, len - (size_t)n);
}

void ss_reply_list(struct ss_ctx *ctx, struct ss_reply *reply, const struct ss_kind *kind,
                   int64_t rv, const char *continue_, int64_t remaining, const struct ss_buf *items)
{
	struct ss_buf *out = &reply->body;

	reply->status = 200;
	reply->rv = rv;
	ss_buf_printf(out,
	              "{\"kind\":\"%sList\",\"apiVersion\":\"%s\",\"metadata\":{"
	              "\"resourceVersion\":\"%lld\"",
	              kind->kind, ss_kind_api_version(kind), (long long)rv);
	if (continue_)
		ss_buf_printf(out, ",\"continue\":%s", ss_quoted(ctx, continue_));
	else if (kind->custom)
		ss_buf_puts(out, ",\"continue\":\"\"");
	if (remaining > 0)
		ss_buf_printf(out, ",\"remainingItemCount\":%lld", (long long)remaining);
	ss_buf_puts(out, "},\"items\":[");
	if (items->len)
		ss_buf_add(out, items->data, items->len);
	ss_buf_puts(out, "]}");
	if (items->failed)
		out->failed = items->failed;
}

/* --- continue tokens ------------------------------------------------------- */
static const char *make_token(struct ss_ctx *ctx, int64_t rv, const char *ns, const char *name)
{
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT, b64 SS_AUTO_BUF = SS_BUF_INIT;

	ss_buf_printf(&json, "{\"v\":\"meta.k8s.io/v1\",\"rv\":%lld,\"start\":%s}", (long long)rv,
	              ss_quoted(ctx, ss_pool_printf(&ctx->pool, "%s/%s", ns, name)));
	ss_base64_encode(json.data ? json.data : "", json.len, &b64);
	return b64.failed ? NULL : ss_pool_strndup(&ctx->pool, b64.data, b64.len);
}

static int parse_token(struct ss_ctx *ctx, const char *token, struct ss_scan *scan, int64_t *ret_rv)
{
	struct ss_buf json SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_doc *doc = NULL;
	const char *start, *slash;
	int rc = ss_base64_decode(token, strlen(token), &json);

	if (rc == 0)
		rc = ss_json_parse(json.data ? json.data : "", json.len, &doc, NULL);
	start = rc == 0 ? ss_doc_find_string(ss_ctx_keep(ctx, doc), ss_doc_root(doc), "start", NULL)
	                : NULL;
	slash = start ? strchr(start, '/') : NULL;
	if (!slash)
		return ss_fail(ctx, 400, "BadRequest",
		               "invalid continue token: continue key is not valid");
	*ret_rv = ss_doc_get_int(doc, ss_doc_get(doc, ss_doc_root(doc), "rv"), 0);
	scan->after_ns = ss_pool_strndup(&ctx->pool, start, (size_t)(slash - start));
	scan->after_name = slash + 1;
	return 0;
}

static int fail_expired(struct ss_ctx *ctx, const struct ss_scan *scan)
{
	int rc = ss_fail(
	        ctx, 410, "Expired",
	        "The provided continue parameter is too old to display a consistent list result. "
	        "You can "
	        "start a new list without the continue parameter, or use the continue token in "
	        "this "
	        "response to retrieve the remainder of the results. Continuing with the provided "
	        "token "
	        "results in an inconsistent list - objects that were created, modified, or deleted "
	        "between the time the first chunk was returned and now may show up in the list.");

	ctx->status.continue_ = make_token(ctx, -1, scan->after_ns, scan->after_name);
	return rc;
}

/* --- which version -------------------------------------------------------- */
static int fail_too_new(struct ss_ctx *ctx, int64_t want, int64_t newest)
{
	int rc;

	ss_cause(ctx, "ResourceVersionTooLarge", "", "Too large resource version");
	rc = ss_fail(ctx, 504, "Timeout",
	             "Timeout: Too large resource version: %lld, current: %lld", (long long)want,
	             (long long)newest);
	ctx->status.causes = ctx->causes;
	ctx->causes = ctx->last_cause = NULL;
	ctx->status.retry_after_s = 1;
	return rc;
}

static int number(struct ss_ctx *ctx, const char *text, const char *what, int64_t *ret)
{
	char *end;

	errno = 0;
	*ret = text && *text ? strtoll(text, &end, 10) : 0;
	if (text && *text && (*end || errno || *ret < 0 || *text == '+' || *text == '-'))
		return ss_fail(ctx, 400, "BadRequest", "%sparsing %s: invalid syntax", what,
		               ss_quoted(ctx, text));
	return 0;
}

static int choose_version(struct ss_ctx *ctx, const struct ss_request *r, struct ss_scan *scan,
                          int64_t *ret_rv)
{
	const char *token = ss_request_param(r, "continue"),
	           *rv = ss_request_param(r, "resourceVersion");
	const char *match = ss_request_param(r, "resourceVersionMatch");
	int64_t newest, oldest, want;
	int rc = ss_store_versions(ctx->store, &newest, &oldest, &ctx->err);

	if (rc == 0)
		rc = number(ctx, rv,
		            "invalid resource version: resourceVersion: Invalid value: "
		            "strconv.ParseUint: ",
		            &want);
	if (rc < 0)
		return rc;
	*ret_rv = newest;
	if (match && *match && strcmp(match, "Exact") != 0 && strcmp(match, "NotOlderThan") != 0)
		return ss_fail(ctx, 400, "BadRequest",
		               "resourceVersionMatch: Unsupported value: %s",
		               ss_quoted(ctx, match));
	if (token && *token) {
		if (match && *match)
			return ss_fail(ctx, 400, "BadRequest",
			               "resourceVersionMatch is forbidden for continue");
		rc = parse_token(ctx, token, scan, &want);
		if (rc < 0 || want < 0) /* an expired list that is carried on as it comes */
			return rc;
		if (want < oldest)
			return fail_expired(ctx, scan);
		*ret_rv = want;
	} else if (want > newest) {
		return fail_too_new(ctx, want, newest);
	} else if (want && match && strcmp(match, "Exact") == 0) {
		if (want < oldest)
			return ss_fail(ctx, 410, "Expired",
			               "The resourceVersion for the provided list is too old.");
		*ret_rv = want;
	}
	if (*ret_rv < newest)
		scan->snapshot = *ret_rv;
	return 0;
}

/* --- the list --------------------------------------------------------------- */
struct gather {
	struct ss_ctx *ctx;
	const struct ss_selector *selector;
	const struct ss_kind *kind;
	struct ss_buf items;
	int64_t limit, n, beyond;
	const char *last_ns, *last_name;
};

static int add(void *ud, const struct ss_record *row)
{
	struct gather *g = ud;

	if (g->limit && g->n == g->limit) {
		g->beyond++;
		/* With a selector it is not known how many follow; the server does not say either. */
		return g->selector->labels || g->selector->fields ? 1 : 0;
	}
	if (ss_selector_needs_body(g->selector)) {
		struct ss_doc *doc SS_AUTO_DOC = NULL;

		if (ss_json_parse(row->body, row->len, &doc, &g->ctx->err) < 0)
			return g->ctx->err.code;
		if (!ss_selector_matches(g->selector, (struct ss_value){doc, ss_doc_root(doc)}))
			return 0;
	}
	if (g->items.len)
		ss_buf_putc(&g->items, ',');
	ss_reply_item(&g->items, g->kind, row->body, row->len);
	if (++g->n == g->limit) {
		g->last_ns = ss_pool_strdup(&g->ctx->pool, row->ns);
		g->last_name = ss_pool_strdup(&g->ctx->pool, row->name);
	}
	return g->items.failed;
}

int ss_handle_list(struct ss_ctx *ctx, const struct ss_request *r, struct ss_reply *reply)
{
	struct ss_scan scan = {.kind = r->kind, .ns = r->kind->namespaced ? r->ns : ""};
	struct ss_selector selector;
	struct gather g = {.ctx = ctx, .selector = &selector, .kind = r->kind};
	const char *token = NULL;
	int64_t rv = 0;
	int rc = number(ctx, ss_request_param(r, "limit"), "strconv.ParseInt: ", &g.limit);

	if (rc == 0)
		rc = ss_selector_parse(ctx, r->kind, ss_request_param(r, "labelSelector"),
		                       ss_request_param(r, "fieldSelector"), &selector);
	if (rc == 0)
		rc = choose_version(ctx, r, &scan, &rv);
	if (rc < 0)
		return rc;
	scan.name = selector.name;
	if (selector.ns && r->kind->namespaced) {
		if (scan.ns && strcmp(scan.ns, selector.ns) != 0)
			scan.name = "";
		scan.ns = selector.ns;
	}
	g.items.max = (size_t)256 << 20;
	rc = ss_store_scan(ctx->store, &scan, add, &g, &ctx->err);
	if (rc >= 0 && g.beyond)
		token = make_token(ctx, rv, g.last_ns, g.last_name);
	if (rc >= 0)
		ss_reply_list(ctx, reply, r->kind, rv, token,
		              selector.labels || selector.fields ? 0 : g.beyond, &g.items);
	ss_buf_done(&g.items);
	return rc < 0 ? (ctx->err.code ? rc : ss_err_nomem(&ctx->err)) : 0;
}
