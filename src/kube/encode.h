/* An object on its way to the server: one pass from the document to the request
 * body, with the edits that sending takes made while writing. */
#pragma once

#include "base/buf.h"
#include "base/doc.h"
#include "kube/mapping.h"

struct ss_edits {
	const char *api_version; /* replaces the one there */
	enum ss_mapping mapping; /* of spec */
	const struct ss_kind *kind;
	const char *kind_name;        /* added when there is none (patches of type apply) */
	const char *name;             /* added to metadata when there is none; NULL = nothing */
	const char *namespace_;       /* likewise */
	const char *uid;              /* replaces, a precondition; NULL = nothing */
	const char *resource_version; /* likewise */
	bool strip_managed_fields;
	bool strip_namespace; /* of a cluster-scoped object, where a server takes it for nothing */
};

void ss_encode_object(const struct ss_doc *doc, ss_node object, const struct ss_edits *edits,
                      struct ss_buf *out);
