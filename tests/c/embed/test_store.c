/* The database file: modes, damage, strangers, other writers. */
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cluster.h"

#define CM "/api/v1/namespaces/default/configmaps"

static char path[128];

static const char *file(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", temp, name);
	return path;
}

static int setup(void **state)
{
	temp_dir();
	return 0;
}

static int teardown(void **state)
{
	temp_done();
	return 0;
}

static void keeps_to_itself(void **state)
{
	struct cluster *c = cluster_new(file("c.db"));
	struct stat st;

	assert_int_equal(stat(path, &st), -1); /* nothing is opened before the first request */
	call(c, "POST", CM, JSON, "{'metadata':{'name':'a'}}");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(file("c.db-wal"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	cluster_free(c);
	c = cluster_new(file("c.db"));
	assert_int_equal(call(c, "GET", CM "/a", NULL, NULL), 200);
	cluster_free(c);
}

static void put_file(const char *name, const char *text)
{
	FILE *f = fopen(file(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void sql(const char *name, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file(name), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void assert_refused(const char *name, int code, const char *part)
{
	struct cluster *c = cluster_new(file(name));

	assert_int_equal(call(c, "GET", CM, NULL, NULL), 0);
	assert_int_equal(c->err.code, code);
	assert_non_null(strstr(c->err.message, file(name)));
	if (!strstr(c->err.message, part))
		print_error("%s\n", c->err.message);
	assert_non_null(strstr(c->err.message, part));
	cluster_free(c);
}

static void names_what_is_wrong(void **state)
{
	put_file("text.db", "this is no database at all, but text that is longer than a header of "
	                    "one hundred bytes "
	                    "would be, to be sure\n");
	assert_refused("text.db", SS_ERR_CONFIG, "move it away");
	sql("foreign.db", "CREATE TABLE t(x)");
	assert_refused("foreign.db", SS_ERR_CONFIG, "a database of another program");
	sql("newer.db",
	    "PRAGMA application_id = 1936942178; PRAGMA user_version = 99; CREATE TABLE t(x)");
	assert_refused("newer.db", SS_ERR_CONFIG, "written by another release (format 99");
	assert_refused("text.db/x.db", SS_ERR_CONFIG, "is there and no directory");
}

/* What only reads makes no file, nor a folder for it; it is there from the first write on. */
static void a_read_makes_no_file(void **state)
{
	struct cluster *c = cluster_new(file("new/c.db"));

	assert_int_equal(call(c, "GET", CM, NULL, NULL), 200);
	assert_int_equal(ss_doc_count(c->doc, find(c->doc, "items")), 0);
	assert_int_equal(call(c, "GET", "/api/v1/namespaces/default", NULL, NULL), 200);
	assert_int_equal(call(c, "GET", CM "/a", NULL, NULL), 404);
	assert_int_not_equal(access(file("new"), F_OK), 0);
	assert_int_equal(call(c, "POST", CM, JSON, "{'metadata':{'name':'a'}}"), 201);
	assert_int_equal(access(file("new/c.db"), F_OK), 0);
	assert_int_equal(call(c, "GET", CM "/a", NULL, NULL), 200);
	cluster_free(c);
	assert_int_equal(unlink(file("new/c.db")), 0);
	assert_int_equal(rmdir(file("new")), 0);
}

static void waits_for_another_writer(void **state)
{
	struct cluster *c = cluster_new(file("c.db")), *second;
	sqlite3 *db;
	int64_t begun;

	assert_int_equal(call(c, "POST", CM, JSON, "{'metadata':{'name':'first'}}"), 201);
	assert_int_equal(sqlite3_open(file("c.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	begun = ss_clock_mono_ms();
	/* Reading goes on; a write waits without holding up the loop, and gives up in time. */
	assert_int_equal(call(c, "GET", CM, NULL, NULL), 200);
	c->timeout_ms = 100;
	call(c, "POST", CM, JSON, "{'metadata':{'name':'a'}}");
	assert_int_equal(c->status, 504);
	assert_at(c, "reason", "Timeout");
	assert_true(ss_clock_mono_ms() - begun < 3000);
	/* Opening the file needs no lock, either. */
	second = cluster_new(file("c.db"));
	assert_int_equal(call(second, "GET", CM, NULL, NULL), 200);
	assert_int_equal(ss_doc_count(second->doc, find(second->doc, "items")), 1);
	cluster_free(second);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	assert_int_equal(call(c, "POST", CM, JSON, "{'metadata':{'name':'a'}}"), 201);
	sqlite3_close(db);
	cluster_free(c);
}

static void two_writers_lose_nothing(void **state)
{
	struct cluster *a = cluster_new(file("c.db")), *b = cluster_new(file("c.db"));

	for (int i = 0; i < 50; i++) {
		assert_int_equal(call(a, "POST", CM, JSON, "{'metadata':{'name':'a%d'}}", i), 201);
		assert_int_equal(call(b, "POST", CM, JSON, "{'metadata':{'name':'b%d'}}", i), 201);
	}
	call(a, "GET", CM, NULL, NULL);
	assert_int_equal(ss_doc_count(a->doc, find(a->doc, "items")), 100);
	cluster_free(a);
	cluster_free(b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(keeps_to_itself),          TEST(names_what_is_wrong),
	        TEST(a_read_makes_no_file),     TEST(waits_for_another_writer),
	        TEST(two_writers_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
