/* SPDX-License-Identifier: ISC */
/* The parts of `postern check`; each judges one kind of thing and goes on to
 * its end whatever it finds. They read only. */
#pragma once

#include "cli/report.h"
#include "conf/users.h"

/* The options of one user, whose line that is. */
void check_options(struct report *r, const char *file, unsigned line,
		   const struct user *u);

/* What lies in the queue, that directory's, and beside mailboxes. */
struct stat;
void check_queue_inside(const char *path, const struct stat *top,
			struct report *r);
void check_store_inside(const char *path, struct report *r);

void check_logins(const struct settings *s, struct report *r);
void check_users(const struct settings *s, struct report *r);
void check_directories(const struct settings *s, struct report *r);
void check_tls(const struct settings *s, struct report *r);
void check_tls_files(const struct settings *s, struct report *r);
void check_tables(const struct settings *s, struct report *r);
void check_routing(const struct settings *s, struct report *r);
void check_trust(const struct settings *s, struct report *r);
