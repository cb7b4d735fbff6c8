/* What an HTTP answer that is no success means (K29, K30). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/doc.h"
#include "base/err.h"

struct ss_client;

/* Fill err from an answer: a Status body if it is one, else the HTTP status and
 * the beginning of the text, escaped. Returns err's code; never 0. err may not be NULL. */
int ss_status_error(const struct ss_client *client, int http_status, int64_t retry_after_ms,
                    const char *content_type, const char *body, size_t len, struct ss_err *err);
/* The same for a Status that was parsed already (an ERROR event of a watch). */
int ss_status_decode(const struct ss_client *client, int http_status, const struct ss_doc *doc,
                     ss_node status, struct ss_err *err);
/* Is this document a Status that says Failure? */
bool ss_status_is_failure(const struct ss_doc *doc, ss_node node);
/* "404 page not found": no such group, version or resource, as opposed to no such object. */
bool ss_status_no_such_path(const struct ss_err *err);
/* Take the values that the server quotes ("Invalid value: …", ", got …") out of an error about a
 * Secret: a refused patch is answered with the whole object, data included. */
void ss_status_withhold(const struct ss_client *client, struct ss_err *err);
