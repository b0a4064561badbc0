/* SPDX-License-Identifier: ISC */
/* One user on one line: whether he can log in, and how full his mailbox is. */
#pragma once

#include "cli/cli.h"
#include "conf/settings.h"
#include "conf/users.h"

struct user_rows {
	FILE *out;
	const struct settings *settings;
	struct store *store;   /* NULL: it cannot be looked at */
	struct map *passwords; /* NULL: likewise */
	struct arena *arena;   /* of one row */
	size_t n;              /* rows so far */
};

/* Open the mail directory; without it the rows say what they can. */
void user_rows_open(struct user_rows *r, FILE *out, const struct settings *s);
void user_rows_done(struct user_rows *r);

/* The row, and in front of the first what its columns are. */
void user_row(struct user_rows *r, const struct user *u);
