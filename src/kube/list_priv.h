/* A list for the files of kube/. */
#pragma once

#include "kube/verbs.h"

/* As ss_kube_list. metadata_only: items are PartialObjectMetadata (K34) where the server can. */
int ss_list_start(struct ss_client *client, const struct ss_ref *ref,
                  const struct ss_list_spec *spec, bool metadata_only, const struct ss_call *call,
                  ss_op_fn done, void *ud, struct ss_op **ret, struct ss_err *err);
