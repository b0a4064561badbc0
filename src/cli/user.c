/* SPDX-License-Identifier: ISC */
/* `postern user`: its verbs. */
#include "cli/user.h"

#include "cli/desk.h"

const char user_usage[] =
	"Usage: postern user [list]\n"
	"       postern user add NAME [--mailbox PATH] [--no-login]\n"
	"       postern user passwd|lock|unlock|remove NAME\n"
	"       postern user quota NAME [SIZE [MESSAGES]]\n"
	"       postern user mailboxes\n"
	"\n"
	"  add        write NAME (or NAME@DOMAIN) into the users file\n"
	"  passwd     set another password; whom lock keeps out stays out\n"
	"  lock       keep NAME from logging in; mail still arrives\n"
	"  unlock     with the password of before\n"
	"  remove     take NAME out of the file; the mailbox stays\n"
	"  quota      show what NAME's mailbox holds and may hold, or set it:\n"
	"             a SIZE is 500MB, 1G, none (no limit) or default (what "
	"the\n"
	"             configuration says), MESSAGES a number, none or default\n"
	"  mailboxes  make the missing mailboxes of the system's accounts\n"
	"\n"
	"A password is asked for, or read from standard input where that is\n"
	"no terminal.\n";

static const struct desk_verb verbs[] = {
	{ "list", user_list },     { "add", user_add },
	{ "passwd", user_passwd }, { "lock", user_lock },
	{ "unlock", user_unlock }, { "remove", user_remove },
	{ "quota", user_quota },   { "mailboxes", user_mailboxes },
};

int cli_user(struct cli *c, int argc, char **argv)
{
	return desk_dispatch(c, argc, argv, verbs, ARRAY_LEN(verbs),
			     user_usage);
}
