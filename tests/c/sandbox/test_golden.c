/* tests/golden/builder/<case>/input.json against want.json, byte for byte.
 * SS_UPDATE_GOLDEN=1 writes want.json anew: look at the difference in git. */
#include <dirent.h>

#include "support.h"

static char *slurp(const char *path)
{
	struct ss_buf text = SS_BUF_INIT;
	FILE *f = fopen(path, "r");
	char block[4096];
	size_t n;

	while (f && (n = fread(block, 1, sizeof(block), f)) > 0)
		ss_buf_add(&text, block, n);
	if (f)
		fclose(f);
	return ss_buf_take(&text, NULL);
}

static void compare(const char *dir)
{
	char input[600], want[600];
	char *text SS_AUTOFREE = NULL, *expected SS_AUTOFREE = NULL;
	struct ss_buf got SS_AUTO_BUF = SS_BUF_INIT;
	struct ss_doc *doc SS_AUTO_DOC = NULL;
	const char *update = getenv("SS_UPDATE_GOLDEN");

	snprintf(input, sizeof(input), "%s/input.json", dir);
	snprintf(want, sizeof(want), "%s/want.json", dir);
	text = slurp(input);
	doc = built(text);
	ss_json_encode_pretty(doc, ss_doc_root(doc), &got);
	ss_buf_puts(&got, "\n");
	if (update && strcmp(update, "1") == 0) {
		FILE *f = fopen(want, "w");

		assert_non_null(f);
		fputs(got.data, f);
		fclose(f);
		return;
	}
	expected = slurp(want);
	if (strcmp(got.data, expected) != 0)
		fail_msg("%s differs; the builder gives\n%s", want, got.data);
}

static void golden_manifests(void **state)
{
	const char *source = getenv("SS_SOURCE_DIR");
	char root[256], dir[512];
	struct dirent *entry;
	size_t cases = 0;
	DIR *d;

	snprintf(root, sizeof(root), "%s/tests/golden/builder", source ? source : ".");
	d = opendir(root);
	assert_non_null(d);
	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(dir, sizeof(dir), "%s/%s", root, entry->d_name);
		compare(dir);
		cases++;
	}
	closedir(d);
	assert_true(cases >= 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(golden_manifests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
