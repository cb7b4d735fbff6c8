#include <lua.h>
#include <stdio.h>

#include "app/app.h"

int ss_cmd_version(struct ss_app *app)
{
	(void)app;
	printf("sandscript %s (%s)\n", SS_VERSION, LUA_RELEASE);
	return SS_EXIT_OK;
}
