#include "support.h"

#include "base/log.h"
#include "base/secret.h"

static struct ss_buf lines;

static void collect(void *ud, const char *line, size_t len)
{
	ss_buf_add(&lines, line, len);
}

static void the_log_masks(const char *text, const char *masked)
{
	char line[256];

	ss_buf_reset(&lines);
	ss_log(SS_LOG_ERROR, "%s", text);
	snprintf(line, sizeof(line), "error %s", masked);
	assert_string_equal(lines.data, line);
}

static void values_of_secret_names_are_found(void **state)
{
	the_log_masks("pw=hunter2 user=me", "pw=[secret] user=me");
	the_log_masks("auth=abc, x", "auth=[secret], x");
	the_log_masks("db_pass: \"two words\" x", "db_pass: \"[secret]\" x");
	the_log_masks("{dbPw='a b'}", "{dbPw='[secret]'}");
	the_log_masks("[\"PASSWORD\"] = [[x]]", "[\"PASSWORD\"] = [[secret]]]");
	the_log_masks("{\"passphrase\":\"a\\\"b\",\"n\":1}",
	              "{\"passphrase\":\"[secret]\",\"n\":1}");
	the_log_masks("API-KEY=1 access_key=2 pwd=3",
	              "API-KEY=[secret] access_key=[secret] pwd=[secret]");
	the_log_masks("Authorization: Basic dXNlcg==", "Authorization: [secret]");
	the_log_masks("Cookie: a=b; c=d", "Cookie: [secret]");
	the_log_masks("token=\"cut", "token=\"[secret]");
}

static void shapes_of_tokens_are_found(void **state)
{
	the_log_masks("is ghp_16C7e42F292c69 it", "is [secret] it");
	the_log_masks("(github_pat_11AB)", "([secret])");
	the_log_masks("glpat-xyz sk-ant-api03-x", "[secret] [secret]");
	the_log_masks("xoxb-1 AKIAIOSF eyJhbGc.eyJzdWI.x", "[secret] [secret] [secret]");
	the_log_masks("Bearer  abc.def x", "Bearer  [secret] x");
	the_log_masks("https://me:pw@host/x", "https://me:[secret]@host/x");
	the_log_masks("-----BEGIN KEY-----\nabc", "[secret]");
}

static void other_text_stays(void **state)
{
	static const char *const texts[] = {
	        "envSecretName=s1-env secretRef=x",
	        "automountServiceAccountToken=false token=nil password=\"\"",
	        "author=me oauth=x compass=n passive=1 keys=2",
	        "secrets \"s1\" not found: token expired",
	        "kind=Secret name=s token == other",
	        "risk-free task-2 ghp_ sk- eyJhbGc.x basic auth",
	        "https://host:8443/a@b http://me@host:1/",
	        "password must be set: at least 8 letters",
	};

	for (size_t i = 0; i < SS_ARRAY_LEN(texts); i++)
		the_log_masks(texts[i], texts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(values_of_secret_names_are_found),
	        cmocka_unit_test(shapes_of_tokens_are_found),
	        cmocka_unit_test(other_text_stays),
	};
	int failed;

	ss_log_set_sink(collect, NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	ss_buf_done(&lines);
	return failed;
}
