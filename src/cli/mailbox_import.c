/* SPDX-License-Identifier: ISC */
/* `postern mailbox import`. Each append is a named delivery, and the name says
 * how much of the source is in the mailbox by then: "import:NUMBER:DIGEST", of
 * all messages so far. So whoever repeats an import that was broken off goes
 * on where it stopped; when it is done and has said so, the last name is
 * forgotten. */
#include "base/clock.h"
#include "cli/mailbox.h"
#include "cli/shown.h"
#include "cli/source.h"
#include "store/box.h"
#include "store/mbox.h"
#include "store/notes.h"

#define PREFIX    "import:"
#define CHAIN     16 /* hex digits */
#define CHAIN_MAX 40
#define KNOWN     64 /* imports broken off */

struct name {
	char text[NOTES_ONCE_MAX + 1];
};

struct import {
	struct cli *cli;
	struct store *store;
	struct slice mailbox;
	uid_t owner;
	struct source *source;
	struct spool spool;
	struct source_message message; /* the one loaded */
	char chain[CHAIN_MAX];         /* of all up to it */
	struct name known[KNOWN];      /* noted in the mailbox */
	size_t n_known;
	struct name last; /* of those that are in the mailbox */
	uint64_t appended, octets, before;
	bool reading; /* the trouble is the source's */
};

/* ---- what is there already ---- */

static void on_note(void *context, struct slice once)
{
	struct import *m = context;

	if (m->n_known < KNOWN && slice_starts(once, SLICE(PREFIX)))
		(void)snprintf(m->known[m->n_known++].text,
			       sizeof(m->known[0].text), "%.*s",
			       SLICE_ARG(once));
}

static int find_known(struct import *m)
{
	struct box b CLEANUP(box_done) = BOX_NONE;
	int notes CLEANUP(file_close) = -1;
	int r = box_open(m->store, m->mailbox, false, (uid_t)-1, &b);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	notes = notes_open(&b.place, false);
	if (notes < 0)
		return notes == -ENOENT ? 0 : notes;
	return notes_walk(notes, on_note, m);
}

static bool is_known(const struct import *m, const struct name *n)
{
	for (size_t i = 0; i < m->n_known; i++)
		if (strcmp(m->known[i].text, n->text) == 0)
			return true;
	return false;
}

/* ---- names ---- */

static struct name name_of(const struct import *m, size_t i)
{
	struct name n;

	(void)snprintf(n.text, sizeof(n.text), PREFIX "%zu:%.*s", i, CHAIN,
		       m->chain);
	return n;
}

/* Load message i and make it the chain's next link. */
static int load(struct import *m, size_t i)
{
	struct digest d;
	char own[65], text[CHAIN_MAX + 128];
	int n, r = m->source->load(m->source, i, &m->spool, &m->message);

	m->reading = r < 0;
	if (r < 0)
		return r;
	digest_hex(&m->spool.digest, own, 32);
	n = snprintf(text, sizeof(text), "%s %s %lld ", m->chain, own,
		     (long long)m->message.real_us);
	digest_start(&d);
	digest_add(&d, (struct slice){ text, (size_t)n });
	digest_add(&d, m->message.sender);
	digest_hex(&d, m->chain, CHAIN / 2);
	return 0;
}

/* Of the names only the last one is needed. */
static int keep_last(struct import *m, const struct name *n)
{
	int r = m->last.text[0] == '\0'
			? 0
			: mbox_append_forget(m->store, m->mailbox,
					     slice_of(m->last.text));

	m->last = *n;
	return r;
}

/* How many of them are in the mailbox from an earlier try? The chain goes to
 * the last of these. */
static int find_start(struct import *m, size_t *ret)
{
	char chain[CHAIN_MAX] = "";
	int r = find_known(m);

	*ret = 0;
	for (size_t i = 0; r == 0 && m->n_known > 0 && i < m->source->n; i++) {
		struct name n;

		r = load(m, i);
		n = name_of(m, i);
		if (r < 0 || !is_known(m, &n))
			continue;
		*ret = i + 1;
		(void)snprintf(chain, sizeof(chain), "%s", m->chain);
		/* a try that was killed may have left the one before, too */
		r = keep_last(m, &n);
	}
	(void)snprintf(m->chain, sizeof(m->chain), "%s", chain);
	return r;
}

/* ---- appending ---- */

static int append(struct import *m, const struct name *n)
{
	struct mbox_appended did;
	const struct mbox_message message = {
		.sender = m->message.sender,
		.real_us = m->message.real_us != 0 ? m->message.real_us
						   : clock_real_us(),
		.head = m->message.head,
		.fd = m->spool.fd,
		.length = m->spool.n,
		.owner = m->owner,
		.once = slice_of(n->text),
		.ret_did = &did,
	};
	int r = mbox_append(m->store, m->mailbox, &message);

	if (r < 0)
		return r;
	m->appended++;
	m->octets += m->spool.n;
	return 0;
}

static int append_all(struct import *m)
{
	size_t start;
	int r = find_start(m, &start);

	m->before = start;
	for (size_t i = start; r == 0 && i < m->source->n; i++) {
		struct name n;

		r = load(m, i);
		if (r < 0)
			break;
		n = name_of(m, i);
		r = append(m, &n);
		if (r == 0)
			r = keep_last(m, &n);
	}
	return r;
}

/* ---- the verb ---- */

static void sum_up(const struct import *m)
{
	char name[SHOWN_MAX], size[SHOWN_MAX];

	(void)fprintf(m->cli->out, "%s: %llu %s imported, %s",
		      shown_text(m->mailbox, name),
		      (unsigned long long)m->appended,
		      m->appended == 1 ? "message" : "messages",
		      shown_size(m->octets, size));
	if (m->before > 0)
		(void)fprintf(m->cli->out, "; %llu were there from before",
			      (unsigned long long)m->before);
	if (m->source->left_out > 0)
		(void)fprintf(m->cli->out, "; %zu marked as deleted left out",
			      m->source->left_out);
	(void)fputc('\n', m->cli->out);
}

static int open_source(struct cli *c, const char *mbox, const char *maildir,
		       struct source **ret)
{
	const char *file = mbox && strcmp(mbox, "-") != 0 ? mbox : NULL;
	const char *name = maildir ? maildir : file ? file : "standard input";
	int r = maildir ? source_maildir(maildir, ret)
			: source_mbox(file, c->in, ret);

	if (r == 0)
		return CLI_OK;
	return desk_fail(c, "mailbox", "%s: %s", name,
			 r == -EBADMSG ? "this is no mbox: it does not begin "
					 "with a From_ line"
				       : strerror(-r));
}

static int work(struct import *m)
{
	int r = spool_open(&m->spool);

	if (r == 0)
		r = append_all(m);
	spool_done(&m->spool);
	if (r == 0 || m->appended + m->before > 0)
		sum_up(m);
	/* who is killed before he has said so has nothing to do when he comes
	 * again; who is killed after it does not come again */
	if (r == 0 && fflush(m->cli->out) == 0)
		r = keep_last(m, &(struct name){ "" });
	if (r == 0)
		return CLI_OK;
	if (m->reading)
		(void)desk_fail(m->cli, "mailbox",
				"the next message cannot be read: %s",
				strerror(-r));
	else
		(void)mailbox_fail(m->cli, m->mailbox, r);
	return desk_fail(m->cli, "mailbox",
			 "repeat the same command to go on with message %llu "
			 "of %zu",
			 (unsigned long long)(m->before + m->appended + 1),
			 m->source->n);
}

static int import(struct cli *c, struct mailbox_desk *d, const char *word,
		  const char *mbox, const char *maildir)
{
	struct import *m = calloc(1, sizeof(*m));
	int status;

	if (!m)
		return desk_fail(c, "mailbox", "%s", strerror(ENOMEM));
	*m = (struct import){ .cli = c, .store = d->store };
	status = mailbox_named(c, d, word, &m->mailbox, &m->owner);
	if (status == CLI_OK)
		status = open_source(c, mbox, maildir, &m->source);
	if (status == CLI_OK)
		status = work(m);
	if (m->source)
		m->source->free(m->source);
	free(m);
	return status;
}

int mailbox_import(struct cli *c, int argc, char **argv)
{
	struct mailbox_words w;
	struct mailbox_desk d;
	int status;

	if (mailbox_words(argc, argv, &w) < 0 || (w.mbox && w.maildir))
		return desk_usage(c, mailbox_usage);
	status = mailbox_desk_open(c, &d);
	if (status == CLI_OK)
		status = import(c, &d, w.mailbox, w.mbox, w.maildir);
	mailbox_desk_done(&d);
	return status;
}
