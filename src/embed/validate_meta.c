/* Names, labels and the rest of metadata; the texts are our own, shorter than a server's. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embed/validate.h"

const char ss_label_rule[] = "must be at most 63 of a-z, 0-9 and '-', with no '-' at either end";
const char ss_subdomain_rule[] = "must be RFC 1123 labels joined by '.', of a-z, 0-9 and '-'";
const char ss_value_rule[] =
        "must be empty, or at most 63 of A-Z, a-z, 0-9, '-', '_' and '.', with "
        "a letter or digit at both ends";
const char ss_segment_rule[] = "may not be '.' or '..', nor contain '/' or '%'";
const char ss_key_rule[] = "must be [prefix/]name: at most 63 of A-Z, a-z, 0-9, '-', '_' and '.'";

enum { MAX_ANNOTATION_BYTES = 256 * 1024 };

static bool lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_label(const char *s, size_t len)
{
	if (len == 0 || !lower_alnum(s[0]) || !lower_alnum(s[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!lower_alnum(s[i]) && s[i] != '-')
			return false;
	return true;
}

bool ss_is_label_name(const char *s)
{
	size_t len = strlen(s);

	return len <= 63 && is_label(s, len);
}

bool ss_is_subdomain(const char *s)
{
	if (strlen(s) > 253)
		return false;
	for (;;) {
		size_t len = strcspn(s, ".");

		if (!is_label(s, len))
			return false;
		if (!s[len])
			return true;
		s += len + 1;
	}
}

static bool is_name_part(const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len > 63 || !isalnum((unsigned char)s[0]) ||
	    !isalnum((unsigned char)s[len - 1]))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-_.", *s))
			return false;
	return true;
}

bool ss_is_label_value(const char *s)
{
	return !*s || is_name_part(s);
}

bool ss_is_qualified_name(const char *s)
{
	const char *slash = strchr(s, '/');
	char prefix[254];

	if (!slash)
		return is_name_part(s);
	if (slash - s >= (ptrdiff_t)sizeof(prefix))
		return false;
	memcpy(prefix, s, (size_t)(slash - s));
	prefix[slash - s] = 0;
	return ss_is_subdomain(prefix) && is_name_part(slash + 1);
}

bool ss_is_port_name(const char *s)
{
	size_t len = strlen(s);

	return len <= 15 && is_label(s, len) && !strstr(s, "--") && strspn(s, "0123456789-") < len;
}

bool ss_is_env_name(const char *s)
{
	return !strchr(s, '=');
}

bool ss_is_inner_path(const char *s)
{
	if (*s == '/')
		return false;
	for (; *s; s += *s == '/') {
		size_t n = strcspn(s, "/");

		if (n == 2 && !memcmp(s, "..", 2))
			return false;
		s += n;
	}
	return true;
}

bool ss_is_ip(const char *s)
{
	struct in6_addr ignored;

	return inet_pton(AF_INET, s, &ignored) == 1 || inet_pton(AF_INET6, s, &ignored) == 1;
}

bool ss_is_block(const char *s)
{
	const char *slash = strchr(s, '/');
	char address[INET6_ADDRSTRLEN];

	if (!slash || slash - s >= (ptrdiff_t)sizeof(address))
		return false;
	memcpy(address, s, (size_t)(slash - s));
	address[slash - s] = 0;
	return ss_is_ip(address) && slash[1] && strlen(slash + 1) <= 3 &&
	       strspn(slash + 1, "0123456789") == strlen(slash + 1) &&
	       atoi(slash + 1) <= (strchr(address, ':') ? 128 : 32);
}

bool ss_is_segment(const char *s)
{
	return strcmp(s, ".") != 0 && strcmp(s, "..") != 0 && !strpbrk(s, "/%");
}

static void validate_name(struct ss_ctx *ctx, const struct ss_kind *kind, const char *name)
{
	static const struct {
		bool (*is)(const char *s);
		const char *rule;
	} rules[] = {[SS_NAME_SUBDOMAIN] = {ss_is_subdomain, ss_subdomain_rule},
	             [SS_NAME_LABEL] = {ss_is_label_name, ss_label_rule},
	             [SS_NAME_SEGMENT] = {ss_is_segment, ss_segment_rule}};

	if (!name || !*name)
		ss_cause(ctx, "FieldValueRequired", "metadata.name",
		         "Required value: name or generateName is required");
	else if (!rules[kind->name_rule].is(name))
		ss_cause(ctx, "FieldValueInvalid", "metadata.name", "Invalid value: %s: %s",
		         ss_quoted(ctx, name), rules[kind->name_rule].rule);
}

static void validate_key(struct ss_ctx *ctx, const char *key, const char *path)
{
	if (!ss_is_qualified_name(key))
		ss_cause(ctx, "FieldValueInvalid", path, "Invalid value: %s: %s",
		         ss_quoted(ctx, key), ss_key_rule);
}

static void validate_labels(struct ss_ctx *ctx, struct ss_value labels)
{
	for (struct ss_iter it = ss_iter(labels.doc, labels.node); ss_iter_next(&it);) {
		const char *value = ss_doc_get_string(it.doc, it.value, NULL);

		validate_key(ctx, it.key, "metadata.labels");
		if (value && !ss_is_label_value(value))
			ss_cause(ctx, "FieldValueInvalid", "metadata.labels",
			         "Invalid value: %s: %s", ss_quoted(ctx, value), ss_value_rule);
	}
}

static void validate_annotations(struct ss_ctx *ctx, struct ss_value annotations)
{
	size_t total = 0, len;

	for (struct ss_iter it = ss_iter(annotations.doc, annotations.node); ss_iter_next(&it);) {
		char lower[512];
		size_t i;

		for (i = 0; it.key[i] && i + 1 < sizeof(lower); i++)
			lower[i] = (char)tolower((unsigned char)it.key[i]);
		lower[i] = 0;
		if (!ss_is_qualified_name(lower))
			ss_cause(ctx, "FieldValueInvalid", "metadata.annotations",
			         "Invalid value: %s: %s", ss_quoted(ctx, it.key), ss_key_rule);
		len = 0;
		ss_doc_get_string(it.doc, it.value, &len);
		total += it.key_len + len;
	}
	if (total > MAX_ANNOTATION_BYTES)
		ss_cause(ctx, "FieldValueTooLong", "metadata.annotations",
		         "Too long: may not be more than %d bytes", MAX_ANNOTATION_BYTES);
}

static void validate_owners(struct ss_ctx *ctx, struct ss_value owners)
{
	static const char *const fields[] = {"apiVersion", "kind", "name", "uid"};
	size_t controllers = 0;
	char path[64];

	for (struct ss_iter it = ss_iter(owners.doc, owners.node); ss_iter_next(&it);) {
		struct ss_value ref = {it.doc, it.value};

		for (size_t i = 0; i < SS_ARRAY_LEN(fields); i++) {
			const char *text = ss_value_string(ref, fields[i]);

			snprintf(path, sizeof(path), "metadata.ownerReferences[%zu].%s", it.index,
			         fields[i]);
			if (!text || !*text)
				ss_cause(ctx, "FieldValueInvalid", path,
				         "Invalid value: \"\": must not be empty");
		}
		controllers += ss_doc_get_bool(it.doc, ss_value_get(ref, "controller").node, false);
	}
	if (controllers > 1)
		ss_cause(ctx, "FieldValueInvalid", "metadata.ownerReferences",
		         "Invalid value: only one reference can have Controller set to true");
}

void ss_validate_meta(struct ss_ctx *ctx, const struct ss_kind *kind, const struct ss_meta *meta)
{
	validate_name(ctx, kind, meta->name);
	validate_labels(ctx, meta->labels);
	validate_annotations(ctx, meta->annotations);
	validate_owners(ctx, meta->owners);
	for (struct ss_iter it = ss_iter(meta->finalizers.doc, meta->finalizers.node);
	     ss_iter_next(&it);) {
		const char *name = ss_doc_get_string(it.doc, it.value, NULL);

		if (name)
			validate_key(ctx, name, "metadata.finalizers");
	}
}
