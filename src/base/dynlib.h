/* A shared library that is loaded when it is first needed: what most runs do without costs them
 * neither time nor memory. Its functions are called through a table of pointers, by their own
 * names:
 *
 *	static const struct ss_dynlib_symbol symbols[] = {{"el_init", &ss_libedit.el_init}, {0}};
 *	ss_dynlib_load("libedit.so.2", "libedit2", symbols, err);
 */
#pragma once

struct ss_err;

struct ss_dynlib_symbol {
	const char *name;
	void *at; /* a pointer to function, set when it is loaded */
};

/* soname: the name that programs linked against it ask for; package: Debian's, for the message.
 * symbols end with a NULL name. Stays loaded; again = no-op. SS_ERR_UNAVAILABLE: it is not
 * installed, or lacks a symbol; nothing is set then. */
int ss_dynlib_load(const char *soname, const char *package, const struct ss_dynlib_symbol *symbols,
                   struct ss_err *err);
