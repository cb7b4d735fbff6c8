#include "base/secret.h"

#include <string.h>
#include <strings.h>

#include "base/attr.h"

struct span {
	const char *at, *end;
};

/* Anywhere in a name. */
static const char *const parts[] = {
        "token",      "passw",      "passphrase",  "secret",      "credential",
        "apikey",     "api_key",    "api-key",     "accesskey",   "access_key",
        "access-key", "privatekey", "private_key", "private-key",
};
/* Its last word. */
static const char *const words[] = {"pw", "pwd", "pass", "auth", "authorization", "cookie"};
/* They only say where it is. */
static const char *const places[] = {"name", "names", "ref"};
/* How tokens begin, and how many more bytes there are at least. */
static const struct shape {
	const char *start;
	size_t more;
} shapes[] = {
        {"sk-", 2},   {"ghp_", 1},        {"gho_", 1},   {"ghu_", 1},  {"ghs_", 1},
        {"ghr_", 1},  {"github_pat_", 1}, {"glpat-", 1}, {"xoxa-", 0}, {"xoxb-", 0},
        {"xoxp-", 0}, {"xoxr-", 0},       {"xoxs-", 0},  {"akia", 1},
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* c is not NUL. */
static bool is_one_of(char c, const char *of)
{
	return c && strchr(of, c) != NULL;
}

static bool begins(const char *s, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - s) >= len && strncasecmp(s, with, len) == 0;
}

/* --- names ---------------------------------------------------------------- */
/* auth of basic_auth and of dbAuth, not of oauth */
static bool ends_in_word(const char *key, const char *end, const char *word)
{
	size_t len = strlen(word);
	const char *at = end - len;

	if ((size_t)(end - key) < len || strncasecmp(at, word, len) != 0)
		return false;
	return at == key || is_one_of(at[-1], "_-") ||
	       (at[0] >= 'A' && at[0] <= 'Z' && at[-1] >= 'a');
}

static bool is_place(const char *key, const char *end)
{
	for (size_t i = 0; i < SS_ARRAY_LEN(places); i++) {
		size_t len = strlen(places[i]);

		if ((size_t)(end - key) >= len && strncasecmp(end - len, places[i], len) == 0)
			return true;
	}
	return false;
}

static bool is_secret_name(const char *key, const char *end)
{
	if (is_place(key, end))
		return false;
	for (size_t i = 0; i < SS_ARRAY_LEN(words); i++)
		if (ends_in_word(key, end, words[i]))
			return true;
	for (const char *s = key; s < end; s++)
		for (size_t i = 0; i < SS_ARRAY_LEN(parts); i++)
			if (begins(s, end, parts[i]))
				return true;
	return false;
}

/* --- values --------------------------------------------------------------- */
/* To the quote that s begins with, or to the end of a text that is cut. */
static struct span quoted(const char *s, const char *end)
{
	char quote = *s == '[' ? ']' : *s;
	struct span value = {++s, s};

	while (s < end && *s != quote)
		s += *s == '\\' && s + 1 < end ? 2 : 1;
	value.end = s;
	return value;
}

static struct span bare(const char *s, const char *end, const char *stop)
{
	struct span value = {s, s};

	while (s < end && !is_one_of(*s, stop))
		s++;
	value.end = s;
	return value;
}

/* Words of a language, not of a person. */
static bool is_constant(struct span value)
{
	static const char *const constants[] = {"true", "false", "nil", "null"};

	for (size_t i = 0; i < SS_ARRAY_LEN(constants); i++)
		if ((size_t)(value.end - value.at) == strlen(constants[i]) &&
		    begins(value.at, value.end, constants[i]))
			return true;
	return value.at == value.end;
}

/* Behind a name: token = "…", ["PASSWORD"] = …, "secret": "…", pw=abc, Authorization: Basic abc. */
static bool assigned(const char *key, const char *s, const char *end, struct span *ret)
{
	const char *sign;

	while (s < end && is_one_of(*s, "\"']"))
		s++;
	while (s < end && is_space(*s))
		s++;
	if (s == end || !is_one_of(*s, "=:"))
		return false;
	sign = s++;
	while (s < end && is_space(*s))
		s++;
	if (s == end || *s == '=')
		return false;
	if (is_one_of(*s, "\"'["))
		*ret = quoted(s, end);
	else if (begins(key, end, "authorization") || begins(key, end, "cookie"))
		*ret = bare(s, end, "\r\n\"'");
	else if (s == sign + 1 && (sign == key || !is_space(sign[-1])))
		*ret = bare(s, end, " \t\r\n,;)}\"'");
	else
		return false;
	return !is_constant(*ret);
}

static bool of_name(const char *s, const char *end, struct span *ret)
{
	const char *behind = s;

	if (!is_letter(*s))
		return false;
	while (behind < end && is_word(*behind))
		behind++;
	return is_secret_name(s, behind) && assigned(s, behind, end, ret);
}

/* --- shapes ------------------------------------------------------------------ */
static const char *skip_token(const char *s, const char *end)
{
	while (s < end && (is_word(*s) || is_one_of(*s, "._~+/=")))
		s++;
	return s;
}

static bool of_bearer(const char *s, const char *end, struct span *ret)
{
	if (!begins(s, end, "bearer "))
		return false;
	for (s += strlen("bearer "); s < end && is_space(*s);)
		s++;
	*ret = bare(s, end, " \t\r\n\"'");
	return ret->at < ret->end;
}

/* eyJ….eyJ…: a signed token of JSON */
static bool is_jwt(const char *s, const char *end)
{
	const char *dot;

	if (!begins(s, end, "eyj"))
		return false;
	for (dot = s; dot < end && is_word(*dot);)
		dot++;
	return dot < end && *dot == '.' && begins(dot + 1, end, "eyj");
}

static bool of_shape(const char *s, const char *end, struct span *ret)
{
	bool known = is_jwt(s, end);
	size_t least = 0;

	for (size_t i = 0; !known && i < SS_ARRAY_LEN(shapes); i++) {
		known = begins(s, end, shapes[i].start);
		least = strlen(shapes[i].start) + shapes[i].more;
	}
	if (!known)
		return false;
	*ret = (struct span){s, skip_token(s, end)};
	return (size_t)(ret->end - s) >= least;
}

static bool of_key_block(const char *s, const char *end, struct span *ret)
{
	*ret = (struct span){s, end};
	return begins(s, end, "-----begin ");
}

/* The password of https://user:password@host. */
static bool of_url(const char *s, const char *end, struct span *ret)
{
	struct span user;

	if (!begins(s, end, "://"))
		return false;
	user = bare(s + 3, end, ":/@ \t\r\n\"'");
	if (user.end == end || *user.end != ':')
		return false;
	*ret = bare(user.end + 1, end, "/@ \t\r\n\"'");
	return ret->end < end && *ret->end == '@' && ret->at < ret->end;
}

static bool at_word(const char *s, const char *end, struct span *ret)
{
	return of_name(s, end, ret) || of_bearer(s, end, ret) || of_shape(s, end, ret);
}

bool ss_secret_find(const char *text, size_t len, size_t from, size_t *ret_at, size_t *ret_len)
{
	const char *end = text + len;
	struct span found;

	for (const char *s = text + from; s < end; s++) {
		bool starts = is_word(*s) && (s == text || !is_word(s[-1]));

		if (!(starts && at_word(s, end, &found)) && !of_key_block(s, end, &found) &&
		    !of_url(s, end, &found))
			continue;
		*ret_at = (size_t)(found.at - text);
		*ret_len = (size_t)(found.end - found.at);
		return true;
	}
	return false;
}
