#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/json.h"
#include "base/yaml.h"

int ss_output_doc(const struct ss_doc *doc, ss_node node, const char *format, struct ss_err *err)
{
	struct ss_buf text SS_AUTO_BUF = SS_BUF_INIT;
	int rc = 0;

	if (strcmp(format, "yaml") == 0) {
		rc = ss_yaml_encode(doc, node, &text, err);
	} else if (strcmp(format, "json") == 0) {
		ss_json_encode_pretty(doc, node, &text);
		ss_buf_putc(&text, '\n');
		rc = ss_buf_check(&text, "output", err);
	} else {
		return ss_err_set(err, SS_ERR_USAGE, "unknown output format '%s': use yaml or json",
		                  format);
	}
	if (rc)
		return rc;
	if (fwrite(text.data, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
		return ss_err_set(err, SS_ERR_IO, "cannot write standard output: %s",
		                  strerror(errno));
	return 0;
}
