/* Connections that a session switched away from (ss_bind_switch in bind.h). */
#pragma once

struct ss_bind_env;

/* Close them all; for ss_bind_env_done. */
void ss_bind_past_free(struct ss_bind_env *env);
