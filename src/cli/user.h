/* SPDX-License-Identifier: ISC */
/* The verbs of `postern user`. */
#pragma once

#include "cli/cli.h"

cli_run user_list;
cli_run user_add;
cli_run user_passwd;
cli_run user_remove;
cli_run user_lock;
cli_run user_unlock;
cli_run user_quota;
cli_run user_mailboxes;

extern const char user_usage[];
