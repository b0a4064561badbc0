/* SPDX-License-Identifier: ISC */
/* `postern mailbox export`: under the mailbox's locks, so that it is one state
 * of it. */
#include "base/clock.h"
#include "cli/mailbox.h"
#include "cli/shown.h"
#include "cli/target.h"
#include "store/box.h"
#include "store/index.h"

#define BLOCK    65536
#define FROM_MAX 2048
#define TOUCH_MS                                                               \
	60000 /* others take a dotlock for stale after five minutes            \
	       */

struct export_ {
	struct cli *cli;
	struct slice mailbox;
	struct box box;
	struct index *index;
	struct target *target;
	int64_t touched_ms;
	uint64_t octets;
	char from[FROM_MAX]; /* the From_ line */
	bool writing;        /* the trouble is the target's */
};

/* ---- one message ---- */

static int read_from_line(struct export_ *x, const struct index_entry *e,
			  struct target_message *ret)
{
	ssize_t n = file_read_at(x->box.fd, x->from, sizeof(x->from), e->from);
	struct slice line = { x->from, n < 0 ? 0 : (size_t)n };

	if (n < 0)
		return (int)n;
	line = slice_upto(line, slice_find(line, '\n'));
	if (slice_ends(line, SLICE("\r")))
		line.n--;
	if (!slice_starts(line, SLICE("From ")))
		return -ESTALE;
	*ret = (struct target_message){ .from = line, .read = e->read };
	(void)mboxrd_from_parse(line, &ret->sender, &ret->real_us);
	return 0;
}

/* mboxrd_out */
static int to_target(void *context, struct slice bytes)
{
	struct export_ *x = context;
	int r = x->target->put(x->target, bytes);

	x->octets += bytes.n;
	x->writing = r < 0;
	return r;
}

static int copy(struct export_ *x, const struct index_entry *e)
{
	char *block = malloc(BLOCK);
	struct mboxrd unquote;
	int r = block ? 0 : -ENOMEM;

	mboxrd_start(&unquote, to_target, x);
	for (uint64_t at = e->start; r == 0 && at < e->end; at += BLOCK) {
		size_t want =
			e->end - at < BLOCK ? (size_t)(e->end - at) : BLOCK;
		ssize_t got = file_read_at(x->box.fd, block, want, at);

		if (got < (ssize_t)want)
			r = got < 0 ? (int)got : -EIO;
		else
			r = mboxrd_unquote(&unquote,
					   (struct slice){ block, want });
	}
	free(block);
	return r == 0 ? mboxrd_unquote_end(&unquote) : r;
}

static int export_one(struct export_ *x, uint64_t i)
{
	struct target_message message;
	struct index_entry e;
	int r = index_get(x->index, i, &e);

	if (r == 0)
		r = read_from_line(x, &e, &message);
	if (r < 0)
		return r;
	r = x->target->begin(x->target, &message);
	x->writing = r < 0;
	if (r == 0)
		r = copy(x, &e);
	if (r < 0)
		return r;
	r = x->target->end(x->target);
	x->writing = r < 0;
	return r;
}

/* ---- all of them ---- */

static void keep_lock(struct export_ *x)
{
	int64_t now_ms = clock_mono_ms();

	if (now_ms - x->touched_ms < TOUCH_MS)
		return;
	dotlock_touch(&x->box.place, &x->box.lock.dotlock);
	x->touched_ms = now_ms;
}

static int export_all(struct export_ *x)
{
	uint64_t n = index_count(x->index);
	int r = 0;

	x->touched_ms = clock_mono_ms();
	for (uint64_t i = 0; r == 0 && i < n; i++) {
		keep_lock(x);
		r = export_one(x, i);
	}
	if (r < 0)
		return r;
	r = x->target->finish(x->target);
	x->writing = r < 0;
	return r;
}

static int open_box(struct export_ *x, struct store *s)
{
	int r = box_open(s, x->mailbox, false, (uid_t)-1, &x->box);

	return r == 0 ? index_open(&x->box.place, x->box.fd, &x->index) : r;
}

static void sum_up(const struct export_ *x, bool to_out)
{
	char name[SHOWN_MAX], size[SHOWN_MAX];

	(void)fprintf(to_out ? x->cli->err : x->cli->out,
		      "%s: %llu %s exported, %s\n",
		      shown_text(x->mailbox, name),
		      (unsigned long long)index_count(x->index),
		      index_count(x->index) == 1 ? "message" : "messages",
		      shown_size(x->octets, size));
}

/* where: a file, "-", or a directory. */
static int run(struct export_ *x, struct store *s, const char *where,
	       bool maildir)
{
	bool to_out = !maildir && strcmp(where, "-") == 0;
	int r = open_box(x, s);

	if (r < 0)
		return mailbox_fail(x->cli, x->mailbox, r);
	r = maildir ? target_maildir(where, &x->target)
		    : target_mbox(to_out ? NULL : where, x->cli->out,
				  &x->target);
	x->writing = r < 0;
	if (r == 0)
		r = export_all(x);
	if (r == 0)
		sum_up(x, to_out);
	if (r < 0 && !x->writing)
		return mailbox_fail(x->cli, x->mailbox, r);
	return r < 0 ? desk_fail(x->cli, "mailbox", "%s: %s", where,
				 strerror(-r))
		     : CLI_OK;
}

static int export_(struct cli *c, struct mailbox_desk *d, const char *word,
		   const char *where, bool maildir)
{
	struct export_ x = { .cli = c, .box = BOX_NONE };
	int status = mailbox_named(c, d, word, &x.mailbox, NULL);

	if (status == CLI_OK)
		status = run(&x, d->store, where, maildir);
	if (x.target)
		x.target->free(x.target);
	index_close(x.index);
	box_done(&x.box);
	return status;
}

int mailbox_export(struct cli *c, int argc, char **argv)
{
	struct mailbox_words w;
	struct mailbox_desk d;
	int status;

	if (mailbox_words(argc, argv, &w) < 0 || !w.mbox == !w.maildir)
		return desk_usage(c, mailbox_usage);
	status = mailbox_desk_open(c, &d);
	if (status == CLI_OK)
		status = export_(c, &d, w.mailbox, w.mbox ? w.mbox : w.maildir,
				 w.maildir != NULL);
	mailbox_desk_done(&d);
	return status;
}
