/* SPDX-License-Identifier: ISC */
/* See user_line.h. */
#include "cli/user_line.h"

#include "cli/shown.h"
#include "conf/map.h"
#include "conf/map_index.h"
#include "conf/users.h"

int user_line_fail(struct user_edit *e, int error)
{
	return desk_fail(e->cli, "user", "%s: %s", e->file, strerror(-error));
}

bool user_line_is_locked(struct slice hash)
{
	return hash.n > 0 && (hash.p[0] == '!' || hash.p[0] == '*');
}

static bool is_password(struct slice hash)
{
	while (user_line_is_locked(hash))
		hash = slice_from(hash, 1);
	return hash.n > 0;
}

/* A '!' alone is no lock, but what --no-login writes. */
static bool are_locked(struct slice a, struct slice b)
{
	return (user_line_is_locked(a) || user_line_is_locked(b)) &&
	       (is_password(a) || is_password(b));
}

/* What the passwords file has of it counts before the users file. */
static int fetch_password(struct user_edit *e)
{
	struct slice rest;
	struct map *m;
	int r;

	if (!e->passwords)
		return 0;
	r = map_open(e->passwords, ':', true, &m);
	if (r < 0)
		return r;
	r = map_find(m, e->line.name, e->desk.arena, &rest, NULL);
	map_close(m);
	if (r > 0 && slice_field(&rest, ':', &e->line.hash))
		(void)slice_field(&rest, ':', &e->line.scram); /* or none */
	return r < 0 ? r : 0;
}

int user_line_fetch(struct user_edit *e)
{
	struct user_line *l = &e->line;
	struct slice *fields[] = { &l->hash, &l->mailbox, &l->options };
	struct slice rest;
	struct map *m;
	int r = map_open(e->file, ':', true, &m);

	if (r < 0)
		return r;
	r = map_find(m, l->name, e->desk.arena, &rest, NULL);
	map_close(m);
	for (size_t i = 0; r > 0 && i < ARRAY_LEN(fields); i++)
		if (!slice_field(&rest, ':', fields[i]))
			break;
	if (r > 0) {
		struct slice here = l->hash;
		int found = fetch_password(e);

		l->locked = are_locked(here, l->hash);
		return found < 0 ? found : r;
	}
	return r;
}

/* Done is done: without its index a table is only slow. */
static void renew_indexes(struct user_edit *e)
{
	const char *const files[] = { e->file, e->passwords };

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		int r = files[i] ? map_index_renew(files[i], ':') : 0;

		if (r < 0)
			(void)desk_fail(e->cli, "user",
					"the index of %s: %s; run postern "
					"index",
					files[i], strerror(-r));
	}
}

int user_line_store(struct user_edit *e)
{
	const struct user_line *l = &e->line;
	const bool apart = e->passwords && (l->hash.n > 0 || l->scram.n > 0);
	int r = 0;

	/* first there, then gone from here: never without */
	if (apart)
		r = passwords_write(e->passwords, l->name, l->hash, l->scram);
	if (r == 0)
		r = user_write(e->file, l->name, apart ? SLICE("") : l->hash,
			       l->mailbox, l->options);
	if (r < 0)
		return user_line_fail(e, r);
	renew_indexes(e);
	return CLI_OK;
}

int user_line_remove(struct user_edit *e)
{
	int r = user_write(e->file, e->line.name, SLICE_NONE, SLICE_NONE,
			   SLICE_NONE);

	if (r == 0 && e->passwords) {
		r = passwords_write(e->passwords, e->line.name, SLICE_NONE,
				    SLICE_NONE);
		r = r == -ENOENT ? 0 : r;
	}
	if (r < 0)
		return user_line_fail(e, r);
	renew_indexes(e);
	return CLI_OK;
}

int user_line_change(struct user_edit *e, user_edit_work *work)
{
	char name[SHOWN_MAX];
	int r = user_line_fetch(e);

	if (r < 0)
		return user_line_fail(e, r);
	if (r == 0)
		return desk_fail(e->cli, "user", "there is no %s in %s",
				 shown_text(e->line.name, name), e->file);
	return work(e);
}

int user_line_run(struct cli *c, const char *name, user_edit_work *work,
		  const struct user_line *initial, const void *wish)
{
	struct user_edit e = { .cli = c, .wish = wish };
	int status = desk_open(c, &e.desk);

	if (initial)
		e.line = *initial;
	e.line.name = slice_of(name);
	if (status == CLI_OK) {
		e.file = e.desk.settings.users.file.p;
		e.passwords = e.desk.settings.auth.passwords.p;
		if (access(e.passwords, F_OK) < 0)
			e.passwords = NULL;
		status = user_name_valid(e.line.name)
				 ? work(&e)
				 : desk_fail(c, "user",
					     "a name is of lower-case letters, "
					     "digits, '.', '_' and '-', with "
					     "@domain behind it or not");
	}
	explicit_bzero(e.hash, sizeof(e.hash));
	explicit_bzero(e.scram, sizeof(e.scram));
	desk_done(&e.desk);
	return status;
}
