/* What the server itself prints of objects: the Table of meta.k8s.io/v1, with the columns of a definition's
 * additionalPrinterColumns (https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables). */
#pragma once

#include <stdbool.h>

struct ss_doc;
struct ss_err;
struct ss_kind;

/* The Table, else, from a server that has none, the objects. */
#define SS_TABLE_ACCEPT "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

/* A Table in the form of what it is of, so that pages, names and versions are found where they always are; any
 * other document is left alone. A list: {metadata: {…, columnDefinitions}, items: [{metadata, cells}]}; one
 * object: {apiVersion, kind, metadata, cells, columnDefinitions}, of a bookmark the metadata alone. 0 or
 * SS_ERR_NOMEM. kind: of the objects, NULL where it is not needed. */
int ss_table_unfold(struct ss_doc **doc, const struct ss_kind *kind, bool one, struct ss_err *err);
