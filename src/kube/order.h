/* The order in which objects that depend on each other are created. */
#pragma once

/* Rank of a kind: lower ranks are applied first and deleted last. Namespaces and
 * CustomResourceDefinitions come first, then identities, configuration, policies,
 * and last what runs pods. Unknown kinds rank as what runs pods. kind may be NULL. */
int ss_kube_order_rank(const char *kind);
