/* Help texts, made from the tables in commands.c. */
#pragma once

#include <stdio.h>

struct ss_command;

void ss_help_overview(FILE *out);
void ss_help_command(FILE *out, const struct ss_command *command);
