#include "sandbox/path.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

enum { KEY_SHOWN = 80 };

static bool is_word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n && !s[n] && !(s[0] >= '0' && s[0] <= '9');
}

void ss_path_add_key(char *buf, size_t size, const char *key)
{
	char shown[KEY_SHOWN + 1];
	size_t len = strlen(buf);

	ss_log_escape(key, strlen(key), shown, sizeof(shown));
	if (!is_word(shown))
		snprintf(buf + len, size - len, len ? "[\"%s\"]" : "%s", shown);
	else
		snprintf(buf + len, size - len, len ? ".%s" : "%s", shown);
}

void ss_path_add_index(char *buf, size_t size, size_t index)
{
	size_t len = strlen(buf);

	snprintf(buf + len, size - len, "[%zu]", index);
}
