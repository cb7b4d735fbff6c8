#include "io/trust.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "io/file.h"

enum { WARNINGS_MAX = 20 };

static atomic_bool strict;

void ss_trust_be_strict(void)
{
	strict = true;
}

bool ss_trust_is_strict(void)
{
	return strict;
}

static bool is_anothers(const struct stat *st)
{
	return st->st_uid != 0 && st->st_uid != geteuid();
}

static bool is_everybodys(const struct stat *st)
{
	return (st->st_mode & S_IWOTH) && !(S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX));
}

bool ss_trust_problem(const char *path, char *why, size_t size)
{
	char *dir SS_AUTOFREE = ss_file_dirname(path);
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	if (is_everybodys(&st))
		snprintf(why, size, "may be written by everybody (chmod o-w)");
	else if (is_anothers(&st))
		snprintf(why, size, "belongs to another user (uid %u)", (unsigned)st.st_uid);
	else if (!dir || stat(dir, &st))
		return false;
	else if (is_everybodys(&st))
		snprintf(why, size, "is in a folder that everybody may write to (chmod o-w)");
	else if (is_anothers(&st))
		snprintf(why, size, "is in a folder of another user (uid %u)", (unsigned)st.st_uid);
	else
		return false;
	return true;
}

/* Once per path; of the first ones only, so that a large folder does not drown what else is said. */
static bool is_news(const char *path)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static char *said[WARNINGS_MAX];
	static size_t n;
	bool news = true;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n && news; i++)
		news = strcmp(said[i], path) != 0;
	news = news && n < WARNINGS_MAX && (said[n] = strdup(path)) && ++n;
	pthread_mutex_unlock(&lock);
	return news;
}

int ss_trust_check(const char *what, const char *path, struct ss_err *err)
{
	char why[96];

	if (!ss_trust_problem(path, why, sizeof(why)))
		return 0;
	if (strict)
		return ss_err_set(err, SS_ERR_CONFIG,
		                  "%s %s %s: not used by a process that watches for changes", what,
		                  path, why);
	if (is_news(path))
		ss_log(SS_LOG_WARN, "%s %s %s: others decide what it says", what, path, why);
	return 0;
}
