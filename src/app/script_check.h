/* `check` of scripts: lua/ss/script_check.lua at work, in a state that scripts run in. */
#pragma once

struct ss_app;
struct ss_buf;
struct ss_err;
struct ss_findings;
struct ss_host;

struct ss_script_check {
	struct ss_app *app;
	struct ss_host *host; /* made for the first script */
};

/* A file more. Specs are left out: they make mistakes on purpose. */
int ss_script_check_add(struct ss_script_check *check, const char *file, const struct ss_buf *text,
                        struct ss_err *err);
/* What is wrong with them, now that all are known. */
int ss_script_check_end(struct ss_script_check *check, struct ss_findings *findings,
                        struct ss_err *err);
void ss_script_check_done(struct ss_script_check *check);
