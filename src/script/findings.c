#include "script/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void ss_findings_done(struct ss_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		free(findings->list[i].file);
		free(findings->list[i].path);
		free(findings->list[i].message);
	}
	free(findings->list);
	*findings = (struct ss_findings){0};
}

void ss_findings_add(struct ss_findings *findings, const char *file, int line, const char *path,
                     const char *fmt, ...)
{
	struct ss_finding *grown, *f;
	char raw[1024], text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	ss_log_escape(raw, strlen(raw), text, sizeof(text));
	grown = realloc(findings->list, (findings->n + 1) * sizeof(*grown));
	if (!grown) {
		findings->nomem = true;
		return;
	}
	findings->list = grown;
	f = &grown[findings->n++];
	f->file = strdup(file);
	f->line = line;
	f->path = path && *path ? strdup(path) : NULL;
	f->message = strdup(text);
	if (!f->file || !f->message)
		findings->nomem = true;
}
