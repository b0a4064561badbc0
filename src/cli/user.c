/* SPDX-License-Identifier: ISC */
/* `postern user`: its verbs, and the list. Hashes are never shown. */
#include "cli/user.h"

#include "auth/auth.h"
#include "cli/desk.h"
#include "cli/shown.h"
#include "conf/map.h"

#define LINE_ARENA (1U << 20)

const char user_usage[] =
	"Usage: postern user [list]\n"
	"       postern user add NAME [--mailbox PATH] [--no-login]\n"
	"       postern user passwd|lock|unlock|remove NAME\n"
	"       postern user mailboxes\n"
	"\n"
	"  add        write NAME (or NAME@DOMAIN) into the users file\n"
	"  passwd     set another password\n"
	"  lock       keep NAME from logging in; mail still arrives\n"
	"  unlock     with the password of before\n"
	"  remove     take NAME out of the file; the mailbox stays\n"
	"  mailboxes  make the missing mailboxes of the system's accounts\n"
	"\n"
	"A password is asked for, or read from standard input where that is\n"
	"no terminal.\n";

static const struct desk_verb verbs[] = {
	{ "list", user_list },           { "add", user_add },
	{ "passwd", user_passwd },       { "lock", user_lock },
	{ "unlock", user_unlock },       { "remove", user_remove },
	{ "mailboxes", user_mailboxes },
};

int cli_user(struct cli *c, int argc, char **argv)
{
	return desk_dispatch(c, argc, argv, verbs, ARRAY_LEN(verbs),
			     user_usage);
}

struct listing {
	struct cli *cli;
	struct arena *arena; /* of one line */
	size_t n;
};

/* clang-format off */
static const char *const states[] = {
	[AUTH_HASH_GOOD] = "password",
	[AUTH_HASH_WEAK] = "old password",
	[AUTH_HASH_NONE] = "no password",
	[AUTH_HASH_LOCKED] = "locked",
	[AUTH_HASH_BAD] = "bad password",
};
/* clang-format on */

static int list_one(void *context, unsigned line, struct slice key,
		    struct slice value)
{
	struct listing *l = context;
	char name[SHOWN_MAX], mailbox[SHOWN_MAX];
	const char *why;
	struct user u;

	arena_reset(l->arena);
	if (!value.p || user_parse(key, value, l->arena, &u, &why) < 0) {
		(void)fprintf(l->cli->err,
			      "line %u cannot be read: see postern check\n",
			      line);
		return 0;
	}
	if (l->n++ == 0)
		(void)fprintf(l->cli->out, "%-32s %-14s %s\n", "NAME", "LOGIN",
			      "MAILBOX");
	(void)fprintf(l->cli->out, "%-32s %-14s %s\n", shown_text(u.name, name),
		      states[auth_hash_judge(u.hash)],
		      shown_text(u.mailbox, mailbox));
	return 0;
}

static int list(struct cli *c, const char *file)
{
	struct listing l = { .cli = c, .arena = arena_new(LINE_ARENA) };
	struct map *m = NULL;
	int r = l.arena ? map_open(file, ':', true, &m) : -ENOMEM;

	if (r == 0)
		r = map_walk(m, list_one, &l);
	map_close(m);
	arena_free(l.arena);
	if (r < 0)
		return desk_fail(c, "user", "%s: %s", file, strerror(-r));
	if (l.n == 0)
		(void)fprintf(c->out, "No users in %s.\n", file);
	return CLI_OK;
}

int user_list(struct cli *c, int argc, char **argv)
{
	struct desk desk;
	int status;

	(void)argv;
	if (argc > 1)
		return desk_usage(c, user_usage);
	status = desk_open(c, &desk);
	if (status == CLI_OK)
		status = list(c, desk.settings.users.file.p);
	desk_done(&desk);
	return status;
}
