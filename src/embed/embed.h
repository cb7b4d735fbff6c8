/* The embedded cluster: an API server with the kinds that sandscript needs,
 * over SQLite, behind the interface of io/http.h. It answers asynchronously, as
 * a network would. A reconciler inside each transaction gives a Sandbox its Pod
 * and its conditions. Several processes may use one file; changes of others are
 * seen while a watch is open. SQLite is opened on the first request.
 *
 * It is held to the conformance suite of the real API server (Kubernetes 1.37,
 * agent-sandbox 1.0.3, v1beta1 only). What it does not do, it refuses by name or
 * leaves undone as follows:
 * - nothing runs: a Pod is Running and Ready at once, unless its own text says
 *   that it could not be (trouble.c lists the cases: image name, *.invalid
 *   registry, missing Secret or ConfigMap, more cpu or memory than one node of
 *   64 cores and 256 GiB). nodeSelector, affinity and runtimeClass are not looked at;
 * - exec, logs, attach, port-forward and other subresources than status: 501;
 * - other kinds and versions: 404; strategic merge patch, Table and metadata-only
 *   answers, protobuf: 415, 406;
 * - a Sandbox with spec.service: true or volumeClaimTemplates stays not Ready and
 *   says why: there are no Services and no PersistentVolumeClaims;
 * - Jobs, ResourceQuotas, LimitRanges, NetworkPolicies, Roles and RoleBindings are
 *   stored and validated, not acted upon; there is no Pod Security admission (the
 *   client's own preflight holds), no RBAC, no authentication;
 * - fields are checked as deep as schema.c looks (metadata, Sandbox, Pod, container,
 *   env, ports, mounts, resources); below securityContext, probes, volumes, affinity and
 *   in the specs of other kinds anything is taken. JSON patch is RFC 6902 to the letter;
 * - a changed podTemplate does not reach an existing Pod, its metadata included. */
#pragma once

#include "io/http.h"

/* path: the database file (its folder is created, 0700; the file is 0600), or ":memory:".
 * Free with ss_transport_free. */
int ss_embed_new(struct ss_loop *loop, const char *path, struct ss_transport **ret,
                 struct ss_err *err);
