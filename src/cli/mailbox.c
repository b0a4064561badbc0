/* SPDX-License-Identifier: ISC */
/* `postern mailbox`: its verbs, and which mailboxes they mean. */
#include "cli/mailbox.h"

#include <getopt.h>
#include <pwd.h>
#include <sys/stat.h>

#include "cli/rights.h"
#include "cli/shown.h"
#include "conf/users.h"
#include "store/walk.h"

#define GROUP_TOO 0007 /* for umask(2) */

/* Whose mailboxes those of virtual users are. */
static const char handlers[] = "postern";

const char mailbox_usage[] =
	"Usage: postern mailbox [stat] [MAILBOX... | --all]\n"
	"       postern mailbox check [--dry-run] MAILBOX... | --all\n"
	"       postern mailbox export MAILBOX --mbox FILE | --maildir DIR\n"
	"       postern mailbox import MAILBOX [--mbox FILE | --maildir DIR]\n"
	"       postern mailbox uidl export MAILBOX\n"
	"       postern mailbox uidl import MAILBOX --list FILE | --dovecot | "
	"--popa3d\n"
	"\n"
	"  stat    messages, size, last login\n"
	"  check   look it over from end to end, and mend it\n"
	"  export  write its messages elsewhere (FILE '-': standard output)\n"
	"  import  append messages from elsewhere (without FILE: standard "
	"input)\n"
	"  uidl    print the unique-ids that POP3 shows; take over those of "
	"another\n"
	"          server\n"
	"\n"
	"MAILBOX is a user of the users file, or a path below the mail "
	"directory.\n";

static const struct desk_verb verbs[] = {
	{ "stat", mailbox_stat },     { "check", mailbox_check },
	{ "export", mailbox_export }, { "import", mailbox_import },
	{ "uidl", mailbox_uidl },
};

int cli_mailbox(struct cli *c, int argc, char **argv)
{
	return desk_dispatch(c, argc, argv, verbs, ARRAY_LEN(verbs),
			     mailbox_usage);
}

int mailbox_words(int argc, char **argv, struct mailbox_words *ret)
{
	static const struct option options[] = {
		{ "mbox", required_argument, NULL, 'b' },
		{ "maildir", required_argument, NULL, 'd' },
		{ 0 },
	};
	struct mailbox_words w = { .mbox = NULL };
	int letter;

	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (letter != 'b' && letter != 'd')
			return -EINVAL;
		*(letter == 'b' ? &w.mbox : &w.maildir) = optarg;
	}
	if (optind + 1 != argc)
		return -EINVAL;
	w.mailbox = argv[optind];
	*ret = w;
	return 0;
}

int mailbox_desk_open(struct cli *c, struct mailbox_desk *ret)
{
	struct store_options options;
	const struct settings *s;
	int status, r;

	*ret = (struct mailbox_desk){ .umask = umask(GROUP_TOO) };
	status = desk_open(c, &ret->desk);
	if (status != CLI_OK)
		return status;
	s = &ret->desk.settings;
	options = (struct store_options){
		.lock_wait_ms = s->store.lock_wait_s * 1000,
		.dotlock = s->store.dotlock,
	};
	r = store_open(s->store.directory.p, &options, &ret->store);
	if (r < 0)
		return desk_fail(c, "mailbox", "%s: %s", s->store.directory.p,
				 strerror(-r));
	return CLI_OK;
}

void mailbox_desk_done(struct mailbox_desk *d)
{
	store_close(d->store);
	d->store = NULL;
	desk_done(&d->desk);
	(void)umask(d->umask);
}

/* ---- which one ---- */

static uid_t owner_of(struct mailbox_desk *d, struct slice name)
{
	const struct passwd *pw = NULL;
	struct rights a;

	if (geteuid() != 0)
		return (uid_t)-1;
	if (d->desk.settings.users.system)
		pw = getpwnam(name.p);
	if (pw && pw->pw_uid >= d->desk.settings.users.system_uid_min)
		return pw->pw_uid;
	return rights_of(handlers, &a) == 0 ? a.uid : (uid_t)-1;
}

int mailbox_named(struct cli *c, struct mailbox_desk *d, const char *word,
		  struct slice *ret, uid_t *ret_owner)
{
	const char *file = d->desk.settings.users.file.p;
	char shown[SHOWN_MAX];
	struct slice mailbox = slice_of(word);
	struct user user;
	int r = user_find(file, mailbox, d->desk.arena, &user);

	if (r == -EBADMSG)
		return desk_fail(c, "mailbox",
				 "the line of %s in %s cannot be read: see "
				 "postern check",
				 shown_text(mailbox, shown), file);
	if (r < 0)
		return desk_fail(c, "mailbox", "%s: %s", file, strerror(-r));
	if (ret_owner)
		*ret_owner = owner_of(d, mailbox);
	if (r > 0)
		mailbox = user.mailbox;
	*ret = arena_copy(d->desk.arena, mailbox);
	return ret->p ? CLI_OK
		      : desk_fail(c, "mailbox", "%s", strerror(ENOMEM));
}

static const char *trouble(int error)
{
	switch (error) {
	case -ENOENT:
		return "there is no such mailbox";
	case -EBUSY:
		return "a POP3 session has it just now; try again when that "
		       "is over";
	case -EAGAIN:
	case -ESTALE:
		return "another program is working on it; try again later";
	case -EBADMSG:
		return "this is no mailbox: it does not begin with a From_ "
		       "line; see postern mailbox check";
	case -EINVAL:
		return "no mailbox can be called so, or this is no regular "
		       "file";
	case -ELOOP:
		return "this is a symbolic link";
	case -EMLINK:
		return "this file has a second name";
	case -EACCES:
		return "owner or mode do not let us: run this as root, or as "
		       "the account postern";
	default:
		return strerror(-error);
	}
}

int mailbox_fail(struct cli *c, struct slice mailbox, int error)
{
	char shown[SHOWN_MAX];

	return desk_fail(c, "mailbox", "%s: %s", shown_text(mailbox, shown),
			 trouble(error));
}

/* ---- all of them ---- */

struct round {
	struct cli *cli;
	struct mailbox_desk *desk;
	mailbox_work *work;
	void *context;
	int status;
};

/* store_seen */
static int do_one(void *context, struct slice mailbox)
{
	struct round *r = context;
	int status = r->work(r->cli, r->desk, mailbox, r->context);

	if (status > r->status)
		r->status = status;
	return 0;
}

static void do_named(struct round *r, const char *word)
{
	struct slice mailbox;
	int status = mailbox_named(r->cli, r->desk, word, &mailbox, NULL);

	if (status == CLI_OK)
		(void)do_one(r, mailbox);
	else if (status > r->status)
		r->status = status;
}

int mailbox_each(struct cli *c, struct mailbox_desk *d, bool all, char **words,
		 mailbox_work *work, void *context)
{
	struct round round = {
		.cli = c, .desk = d, .work = work, .context = context
	};
	int r = all ? store_walk(d->store, do_one, &round) : 0;

	for (; !all && *words; words++)
		do_named(&round, *words);
	if (r < 0)
		return desk_fail(c, "mailbox", "%s: %s",
				 d->desk.settings.store.directory.p,
				 strerror(-r));
	return round.status;
}
