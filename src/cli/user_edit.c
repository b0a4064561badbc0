/* SPDX-License-Identifier: ISC */
/* `postern user add`, passwd, lock, unlock and remove. Passwords are wiped as
 * soon as they are hashed. */
#include <getopt.h>

#include "auth/auth.h"
#include "cli/desk.h"
#include "cli/password.h"
#include "cli/shown.h"
#include "cli/user.h"
#include "conf/map.h"

/* A user's line as it stands in the file. */
struct line {
	struct slice name;
	struct slice hash;
	struct slice mailbox; /* empty: the usual one */
	struct slice options;
};

/* What these verbs have in common: a file, and a line of it. */
struct edit {
	struct cli *cli;
	struct desk desk;
	const char *file;
	struct line line;
	char hash[AUTH_HASH_MAX + 1];
};

static int fail(struct edit *e, int error)
{
	return desk_fail(e->cli, "user", "%s: %s", e->file, strerror(-error));
}

/* 1 there is such a line, 0 there is not, -errno. */
static int fetch(struct edit *e)
{
	struct line *l = &e->line;
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
	return r;
}

static int store(struct edit *e)
{
	const struct line *l = &e->line;
	int r = user_write(e->file, l->name, l->hash, l->mailbox, l->options);

	return r < 0 ? fail(e, r) : CLI_OK;
}

static const char *password_trouble(ssize_t error)
{
	switch (error) {
	case -EINTR:
		return "broken off; nothing is changed";
	case -EPIPE:
		return "there was no password to read";
	case -EAGAIN:
		return "the two differ; nothing is changed";
	case -EMSGSIZE:
	case -EINVAL:
		return "a password has 1 to 255 octets and no NUL";
	default:
		return strerror((int)-error);
	}
}

/* Ask for a password; its hash becomes the line's. */
static int set_password(struct edit *e)
{
	char password[PASSWORD_ROOM];
	ssize_t n = password_ask(e->cli, password);

	if (n >= 0) {
		int r = auth_hash((struct slice){ password, (size_t)n },
				  e->hash);

		n = r < 0 ? r : n;
	}
	explicit_bzero(password, sizeof(password));
	if (n < 0)
		return desk_fail(e->cli, "user", "%s", password_trouble(n));
	e->line.hash = slice_of(e->hash);
	return CLI_OK;
}

/* A verb's work on a line that is there. */
typedef int change(struct edit *e);

static int with_line(struct edit *e, change *work)
{
	char name[SHOWN_MAX];
	int r = fetch(e);

	if (r < 0)
		return fail(e, r);
	if (r == 0)
		return desk_fail(e->cli, "user", "there is no %s in %s",
				 shown_text(e->line.name, name), e->file);
	return work(e);
}

/* Open, look at the name, do, close. */
static int run(struct cli *c, const char *name, change *work,
	       const struct line *initial)
{
	struct edit e = { .cli = c };
	int status = desk_open(c, &e.desk);

	if (initial)
		e.line = *initial;
	e.line.name = slice_of(name);
	if (status == CLI_OK) {
		e.file = e.desk.settings.users.file.p;
		status = user_name_valid(e.line.name)
				 ? work(&e)
				 : desk_fail(c, "user",
					     "a name is of lower-case letters, "
					     "digits, '.', '_' and '-', with "
					     "@domain behind it or not");
	}
	explicit_bzero(e.hash, sizeof(e.hash));
	desk_done(&e.desk);
	return status;
}

/* ---- add ---- */

static int add(struct edit *e)
{
	struct line wanted = e->line;
	char name[SHOWN_MAX];
	int status = CLI_OK;
	int r = fetch(e);

	if (r < 0)
		return fail(e, r);
	if (r > 0)
		return desk_fail(e->cli, "user", "%s is there already",
				 shown_text(wanted.name, name));
	e->line = wanted;
	if (wanted.mailbox.n > 0 && !user_mailbox_valid(wanted.mailbox))
		return desk_fail(e->cli, "user",
				 "a mailbox is a plain path below the mail "
				 "directory");
	if (!wanted.hash.p)
		status = set_password(e);
	return status == CLI_OK ? store(e) : status;
}

int user_add(struct cli *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "mailbox", required_argument, NULL, 'm' },
		{ "no-login", no_argument, NULL, 'n' },
		{ 0 },
	};
	struct line line = { .name = SLICE_NONE };
	int letter;

	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "m:n", options, NULL)) != -1) {
		if (letter == 'm')
			line.mailbox = slice_of(optarg);
		else if (letter == 'n')
			line.hash = SLICE("!");
		else
			return desk_usage(c, user_usage);
	}
	if (optind + 1 != argc)
		return desk_usage(c, user_usage);
	return run(c, argv[optind], add, &line);
}

/* ---- the others: one name, no options ---- */

static int change_password(struct edit *e)
{
	int status = set_password(e);

	return status == CLI_OK ? store(e) : status;
}

static bool is_locked(struct slice hash)
{
	return hash.n > 0 && (hash.p[0] == '!' || hash.p[0] == '*');
}

static int lock(struct edit *e)
{
	struct slice old = e->line.hash;

	if (is_locked(old))
		return CLI_OK;
	if (old.n >= AUTH_HASH_MAX)
		return fail(e, -EMSGSIZE);
	(void)snprintf(e->hash, sizeof(e->hash), "!%.*s", SLICE_ARG(old));
	e->line.hash = slice_of(e->hash);
	return store(e);
}

static int unlock(struct edit *e)
{
	while (is_locked(e->line.hash))
		e->line.hash = slice_from(e->line.hash, 1);
	if (e->line.hash.n == 0)
		return desk_fail(e->cli, "user",
				 "there is no password yet: postern user "
				 "passwd %.*s",
				 SLICE_ARG(e->line.name));
	return store(e);
}

static int drop(struct edit *e)
{
	int r = user_write(e->file, e->line.name, SLICE_NONE, SLICE_NONE,
			   SLICE_NONE);

	return r < 0 ? fail(e, r) : CLI_OK;
}

static int work_passwd(struct edit *e)
{
	return with_line(e, change_password);
}

static int work_lock(struct edit *e)
{
	return with_line(e, lock);
}

static int work_unlock(struct edit *e)
{
	return with_line(e, unlock);
}

static int work_remove(struct edit *e)
{
	return with_line(e, drop);
}

static int one_name(struct cli *c, int argc, char **argv, change *work)
{
	return argc == 2 ? run(c, argv[1], work, NULL)
			 : desk_usage(c, user_usage);
}

int user_passwd(struct cli *c, int argc, char **argv)
{
	return one_name(c, argc, argv, work_passwd);
}

int user_lock(struct cli *c, int argc, char **argv)
{
	return one_name(c, argc, argv, work_lock);
}

int user_unlock(struct cli *c, int argc, char **argv)
{
	return one_name(c, argc, argv, work_unlock);
}

int user_remove(struct cli *c, int argc, char **argv)
{
	return one_name(c, argc, argv, work_remove);
}
