/* SPDX-License-Identifier: ISC */
/* `postern mailbox check`: what an inspection of the store finds, in words; and
 * the rights of the accounts that work there. */
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "cli/mailbox.h"
#include "cli/rights.h"
#include "cli/shown.h"
#include "store/inspect.h"
#include "store/place.h"

#define SAID_MAX 1024

/* What each finding is, and what is or can be done about it. In the texts %f is
 * a file's name, %m a message, %a an octet of the file, %n a number. */
struct saying {
	const char *what;
	const char *mended; /* NULL: we do not */
	const char *else_;  /* then: what there is to do */
};

/* clang-format off */
static const struct saying sayings[] = {
	[INSPECT_RIGHTS] = {
		"everybody may get at %f", "its mode is mended", NULL },
	[INSPECT_LOCK_LEFT] = {
		"%f was left by a process that is dead", "removed", NULL },
	[INSPECT_EXPUNGE] = {
		"a crash broke off the removal of messages", "completed",
		NULL },
	[INSPECT_EXPUNGE_ODD] = {
		".postern/%f has what was kept when a crash broke off the "
		"removal of messages; somebody rewrote the mailbox before "
		"we came", NULL,
		"hold both against each other, then remove that file" },
	[INSPECT_TORN] = {
		"a message that was never finished, %n octets at octet %a",
		"taken out", NULL },
	[INSPECT_STALE_FILE] = {
		".postern/%f is left of work that was broken off", "removed",
		NULL },
	[INSPECT_NOT_MAILBOX] = {
		"there is no From_ line in it", NULL,
		"if this is a mailbox, restore it from a backup" },
	[INSPECT_JUNK] = {
		"%n octets stand before the first message", "moved to "
		".postern/%f", NULL },
	[INSPECT_DAMAGED] = {
		"message %m, at octet %a or behind it, is not what was "
		"delivered", NULL, "restore it from a backup, or delete it" },
	[INSPECT_NUL] = {
		"message %m holds NUL, the first at octet %a", NULL,
		"restore it from a backup, or delete it" },
	[INSPECT_LINE_END] = {
		"the last message does not end in an empty line", "added",
		NULL },
	[INSPECT_NOTES] = {
		".postern/%f cannot be read", "begun anew", NULL },
	[INSPECT_INDEX] = {
		"the index is damaged", "made anew", NULL },
	[INSPECT_INDEX_WRONG] = {
		"the index is wrong", "made anew", NULL },
	[INSPECT_UIDL] = {
		"the table of unique-ids cannot be read from octet %a on",
		NULL, "clients take the messages behind for new" },
	[INSPECT_UIDL_TWICE] = {
		"message %m has the unique-id of message %n", NULL,
		"give it another by postern mailbox uidl import" },
};
/* clang-format on */

struct checking {
	struct cli *cli;
	struct slice mailbox;
	bool mend;
	unsigned found;
};

static int put_part(struct buf *b, char letter, const struct finding *f)
{
	uint64_t number = letter == 'm'   ? f->message
			  : letter == 'a' ? f->at
					  : f->n;
	char name[SHOWN_MAX];

	if (letter == 'f')
		return buf_printf(b, "%s", shown_text(slice_of(f->name), name));
	return buf_printf(b, "%llu", (unsigned long long)number);
}

static int put_words(struct buf *b, const char *text, const struct finding *f)
{
	int r = 0;

	for (; *text != '\0' && r == 0; text++)
		if (*text != '%')
			r = buf_put_byte(b, *text);
		else
			r = put_part(b, *++text, f);
	return r;
}

static const char *became(const struct checking *k, const struct saying *w,
			  const struct finding *f)
{
	if (f->mended)
		/* LFs alone are not kept */
		return f->kind == INSPECT_JUNK && !f->name ? "removed"
							   : w->mended;
	if (!w->mended)
		return w->else_;
	return k->mend ? "this could not be mended" : "would be mended";
}

/* inspect_found: one line, the mailbox, what there is, what became of it. */
static void on_finding(void *context, const struct finding *f)
{
	struct checking *k = context;
	const struct saying *w = &sayings[f->kind];
	struct buf b = BUF(SAID_MAX);
	char name[SHOWN_MAX];
	int r = put_words(&b, w->what, f);

	k->found++;
	if (r == 0)
		r = buf_put(&b, SLICE(": "));
	if (r == 0)
		r = put_words(&b, became(k, w, f), f);
	if (r == 0)
		(void)fprintf(k->cli->out, "%s: %.*s\n",
			      shown_text(k->mailbox, name),
			      SLICE_ARG(buf_slice(&b)));
	buf_done(&b);
}

/* ---- the accounts ---- */

static void want(struct checking *k, const struct rights *a,
		 const struct stat *st, unsigned bits, const char *what)
{
	char name[SHOWN_MAX];

	if (rights_allow(a, st, bits))
		return;
	(void)fprintf(k->cli->out,
		      "%s: the account %s may not write %s: give it to the "
		      "group mail, mode %s\n",
		      shown_text(k->mailbox, name), a->name, what,
		      bits == 7 ? "2770" : "0660");
	k->found++;
}

/* An account of the system owns its mailbox. */
static void judge_owner(struct checking *k, const struct mailbox_desk *d,
			const struct stat *box)
{
	const struct passwd *pw = NULL;
	char name[SHOWN_MAX];

	if (d->desk.settings.users.system)
		pw = getpwnam(k->mailbox.p);
	if (!pw || pw->pw_uid < d->desk.settings.users.system_uid_min ||
	    pw->pw_uid == box->st_uid)
		return;
	(void)fprintf(k->cli->out,
		      "%s: it belongs to the user %ld and not to %s: postern "
		      "user mailboxes puts that right\n",
		      shown_text(k->mailbox, name), (long)box->st_uid,
		      pw->pw_name);
	k->found++;
}

/* Root asks for them; others see what they may themselves. */
static void judge_accounts(struct checking *k, const struct mailbox_desk *d)
{
	static const char *const accounts[] = { "postern", "postern-pop3" };
	struct place p CLEANUP(place_done) = PLACE_NONE;
	struct stat box, side;
	struct rights a;

	if (geteuid() != 0 || place_find(d->store, k->mailbox, &p) < 0 ||
	    fstatat(p.dir, p.name, &box, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	judge_owner(k, d, &box);
	for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
		if (rights_of(accounts[i], &a) < 0)
			continue;
		want(k, &a, &box, 6, "the mailbox");
		if (p.side >= 0 && fstat(p.side, &side) == 0)
			want(k, &a, &side, 7, ".postern");
	}
}

/* ---- the verb ---- */

static void sum_up(const struct checking *k, const struct inspected *i)
{
	char name[SHOWN_MAX], size[SHOWN_MAX];

	if (i->partly)
		return;
	(void)fprintf(k->cli->out,
		      "%s: %s%llu %s, %s: %llu as delivered here, %llu with "
		      "fields of a mail program, %llu from elsewhere\n",
		      shown_text(k->mailbox, name),
		      k->found == 0 ? "all is well: " : "",
		      (unsigned long long)i->messages,
		      i->messages == 1 ? "message" : "messages",
		      shown_size(i->octets, size), (unsigned long long)i->whole,
		      (unsigned long long)i->edited,
		      (unsigned long long)i->unsealed);
}

static int check_one(struct cli *c, struct mailbox_desk *d,
		     struct slice mailbox, void *context)
{
	struct checking k = { .cli = c,
			      .mailbox = mailbox,
			      .mend = *(const bool *)context };
	struct inspected i;
	int r = inspect(d->store, mailbox, k.mend, on_finding, &k, &i);

	if (r != -ENOENT)
		judge_accounts(&k, d);
	if (r < 0)
		return mailbox_fail(c, mailbox, r);
	sum_up(&k, &i);
	return k.found > 0 ? CLI_FAILED : CLI_OK;
}

int mailbox_check(struct cli *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ 0 },
	};
	struct mailbox_desk d;
	bool all = false, mend = true;
	int letter, status;

	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "an", options, NULL)) != -1) {
		if (letter != 'a' && letter != 'n')
			return desk_usage(c, mailbox_usage);
		all |= letter == 'a';
		mend &= letter != 'n';
	}
	if (all != (optind == argc))
		return desk_usage(c, mailbox_usage);
	status = mailbox_desk_open(c, &d);
	if (status == CLI_OK)
		status = mailbox_each(c, &d, all, argv + optind, check_one,
				      &mend);
	mailbox_desk_done(&d);
	return status;
}
