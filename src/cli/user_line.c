/* SPDX-License-Identifier: ISC */
/* See user_line.h. */
#include "cli/user_line.h"

#include "cli/shown.h"
#include "conf/map.h"
#include "conf/passwords.h"
#include "conf/users.h"

int user_line_fail(struct user_edit *e, int error)
{
	return desk_fail(e->cli, "user", "%s: %s", e->file, strerror(-error));
}

/* What the passwords file has of him counts. 1 or -errno. */
static int fetch_password(struct user_edit *e)
{
	struct password p;
	int r = password_find(e->passwords, e->line.name, e->desk.arena, &p);

	if (r > 0) {
		e->line.hash = p.hash;
		e->line.scram = p.scram;
	}
	return r < 0 ? r : 1;
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
	return r > 0 ? fetch_password(e) : r;
}

/* First the password, so that there is none in the users file before it is
 * elsewhere. */
static int store(struct user_edit *e)
{
	const struct user_line *l = &e->line;
	struct slice hash = l->hash;
	int r = 0;

	if (e->passwords) {
		r = password_write(e->passwords, l->name, l->hash, l->scram);
		hash = SLICE("");
	}
	return r == 0 ? user_write(e->file, l->name, hash, l->mailbox,
				   l->options)
		      : r;
}

int user_line_store(struct user_edit *e)
{
	int r = store(e);

	return r < 0 ? user_line_fail(e, r) : CLI_OK;
}

int user_line_remove(struct user_edit *e)
{
	int r = user_write(e->file, e->line.name, SLICE_NONE, SLICE_NONE,
			   SLICE_NONE);

	if (r == 0 && e->passwords)
		r = password_write(e->passwords, e->line.name, SLICE_NONE,
				   SLICE_NONE);
	if (r == -ENOENT) /* he had none there */
		r = 0;
	return r < 0 ? user_line_fail(e, r) : CLI_OK;
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

/* Where they are kept apart; NULL: they are not. */
static const char *passwords_of(const struct settings *s)
{
	const char *path = s->auth.passwords.p;

	return path[0] != '\0' && access(path, F_OK) == 0 ? path : NULL;
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
		e.passwords = passwords_of(&e.desk.settings);
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
