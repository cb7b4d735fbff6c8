/* Field paths for messages: "spec.containers[0].image", labels["a.b/c"]. */
#pragma once

#include <stddef.h>

/* Append a member's name to the path in buf: ".name", or ["name"] when it is no
 * plain word. Names from outside are escaped and cut at 80 bytes; what does not
 * fit in buf is cut. */
void ss_path_add_key(char *buf, size_t size, const char *key);
void ss_path_add_index(char *buf, size_t size, size_t index);
