/* The embedded cluster: an API server with the kinds that sandscript needs,
 * over SQLite, behind the interface of io/http.h. It answers asynchronously, as
 * a network would. A reconciler inside each transaction gives a Sandbox its Pod
 * and its conditions. Several processes may use one file; changes of others are
 * seen while a watch is open. SQLite is opened on the first request. */
#pragma once

#include "io/http.h"

/* path: the database file (its folder is created, 0700; the file is 0600), or ":memory:".
 * Free with ss_transport_free. */
int ss_embed_new(struct ss_loop *loop, const char *path, struct ss_transport **ret, struct ss_err *err);
