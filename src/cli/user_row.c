/* SPDX-License-Identifier: ISC */
/* See user_row.h. Hashes are never shown. */
#include "cli/user_row.h"

#include "auth/auth.h"
#include "cli/shown.h"
#include "conf/map.h"
#include "conf/quantity.h"
#include "store/quota.h"
#include "store/store.h"

#define COLUMN_MAX 80
#define ROW_ARENA  (1U << 17)
#define LAYOUT     "%-24s %-12s %9s %-20s %6s  %s\n"

/* clang-format off */
static const char *const states[] = {
	[AUTH_HASH_GOOD] = "password",
	[AUTH_HASH_WEAK] = "old password",
	[AUTH_HASH_NONE] = "no password",
	[AUTH_HASH_LOCKED] = "locked",
	[AUTH_HASH_BAD] = "bad password",
};
/* clang-format on */

void user_rows_open(struct user_rows *r, FILE *out, const struct settings *s)
{
	const struct store_options options = {
		.lock_wait_ms = s->store.lock_wait_s * 1000,
		.dotlock = s->store.dotlock,
	};

	*r = (struct user_rows){ .out = out, .settings = s };
	if (store_open(s->store.directory.p, &options, &r->store) < 0)
		r->store = NULL;
	r->arena = arena_new(ROW_ARENA);
	if (map_open(s->auth.passwords.p, ':', true, &r->passwords) < 0)
		r->passwords = NULL;
}

void user_rows_done(struct user_rows *r)
{
	map_close(r->passwords);
	arena_free(r->arena);
	r->passwords = NULL;
	r->arena = NULL;
	store_close(r->store);
	r->store = NULL;
}

struct columns {
	char used[SHOWN_MAX], limit[COLUMN_MAX], share[COLUMN_MAX];
};

static void fill_limit(struct columns *c, const struct quota *q)
{
	struct buf b = BUF(COLUMN_MAX - 1);

	if (quota_format(&b, q) < 0)
		buf_reset(&b);
	(void)snprintf(c->limit, sizeof(c->limit), "%.*s",
		       SLICE_ARG(buf_slice(&b)));
	buf_done(&b);
}

static void fill_use(struct columns *c, const struct user_rows *r,
		     const struct user *u, const struct quota *q)
{
	struct quota of;
	struct usage use;

	(void)snprintf(c->used, sizeof(c->used), "?");
	(void)snprintf(c->share, sizeof(c->share), "%s",
		       quota_any(q) ? "?" : "-");
	if (!r->store ||
	    quota_usage(r->store, u->mailbox, q->messages > 0, &use) < 0)
		return;
	shown_size(use.octets, c->used);
	if (quota_any(q))
		(void)snprintf(c->share, sizeof(c->share), "%u %%",
			       quota_share(q, &use, &of));
}

/* The line of the passwords file counts before the users file's hash; keys
 * for SCRAM alone are a password too. */
static const char *state_of(struct user_rows *r, const struct user *u)
{
	struct slice rest, hash = u->hash, keys = SLICE("");

	if (r->passwords && r->arena) {
		arena_reset(r->arena);
		if (map_find(r->passwords, u->name, r->arena, &rest, NULL) >
			    0 &&
		    slice_field(&rest, ':', &hash))
			(void)slice_field(&rest, ':', &keys); /* or none */
	}
	if (hash.n == 0 && keys.n > 0)
		return states[AUTH_HASH_GOOD];
	return states[auth_hash_judge(slice_trim(hash))];
}

void user_row(struct user_rows *r, const struct user *u)
{
	struct quota q = settings_quota(r->settings, u->name);
	char name[SHOWN_MAX], mailbox[SHOWN_MAX];
	struct columns c = { .used = "" };
	struct slice bad;

	/* `postern check` tells of one that cannot be read */
	ignore(quota_read_options(u->options, &q, &bad));
	fill_limit(&c, &q);
	fill_use(&c, r, u, &q);
	if (r->n++ == 0)
		(void)fprintf(r->out, LAYOUT, "NAME", "LOGIN", "USED", "LIMIT",
			      "SHARE", "MAILBOX");
	(void)fprintf(r->out, LAYOUT, shown_text(u->name, name), state_of(r, u),
		      c.used, c.limit, c.share,
		      shown_text(u->mailbox, mailbox));
}
