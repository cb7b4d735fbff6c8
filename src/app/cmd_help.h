/* Help texts, made from the tables in commands.c; lua/ss/help.lua shows them, too. */
#pragma once

#include <stdio.h>

struct ss_buf;
struct ss_command;

void ss_help_overview(FILE *out);
void ss_help_command(struct ss_buf *out, const struct ss_command *command);
/* What ss_help_command writes, or that memory is used up. */
void ss_help_print(FILE *out, const struct ss_command *command);
