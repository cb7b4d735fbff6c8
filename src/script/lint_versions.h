/* API versions that manifests should not name any more: deprecated, or removed
 * from the servers of today. */
#pragma once

/* What to write instead of api_version for an object of this kind; NULL when it is fine (or NULL). */
const char *ss_lint_version(const char *api_version, const char *kind);
