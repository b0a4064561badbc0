/* SPDX-License-Identifier: ISC */
/* `postern mailbox uidl`: its verbs. */
#include <fcntl.h>
#include <getopt.h>

#include "cli/mailbox.h"
#include "cli/shown.h"
#include "cli/uidl_ids.h"
#include "store/box.h"
#include "store/seat.h"

/* ---- export ---- */

static int print_ids(struct cli *c, struct index *x)
{
	char uid[UIDL_MAX + 1];
	struct index_entry e;
	int r = 0;

	for (uint64_t i = 0; r == 0 && i < index_count(x); i++) {
		r = index_get(x, i, &e);
		if (r == 0)
			r = uidl_text(x, &e, uid);
		if (r == 0)
			(void)fprintf(c->out, "%llu %s\n",
				      (unsigned long long)i + 1, uid);
	}
	return r;
}

static int export_ids(struct cli *c, struct mailbox_desk *d,
		      struct slice mailbox, void *context)
{
	struct box b CLEANUP(box_done) = BOX_NONE;
	struct index *x = NULL;
	int r = box_open(d->store, mailbox, false, (uid_t)-1, &b);

	(void)context;
	if (r == 0)
		r = index_open(&b.place, b.fd, &x);
	if (r == 0)
		r = print_ids(c, x);
	index_close(x);
	return r < 0 ? mailbox_fail(c, mailbox, r) : CLI_OK;
}

static int uidl_export(struct cli *c, int argc, char **argv)
{
	struct mailbox_desk d;
	int status;

	if (argc != 2 || argv[1][0] == '-')
		return desk_usage(c, mailbox_usage);
	status = mailbox_desk_open(c, &d);
	if (status == CLI_OK)
		status = mailbox_each(c, &d, false, argv + 1, export_ids, NULL);
	mailbox_desk_done(&d);
	return status;
}

/* ---- import ---- */

enum origin { NOWHERE, LIST, DOVECOT, POPA3D };

struct taking {
	struct cli *cli;
	struct slice mailbox;
	enum origin origin;
	const char *file; /* of the list; "-": standard input */
	FILE *in;
	struct box box;
	struct index *index;
	struct uidl_ids ids;
	struct uidl_complaint complaint;
};

static int gather(struct taking *t)
{
	int r = uidl_ids_new(index_count(t->index), &t->ids);

	if (r < 0)
		return r;
	switch (t->origin) {
	case LIST:
		r = uidl_from_list(t->in, &t->ids, &t->complaint);
		break;
	case DOVECOT:
		r = uidl_from_dovecot(t->box.fd, t->index, &t->ids,
				      &t->complaint);
		break;
	default:
		r = uidl_from_popa3d(t->box.fd, t->index, &t->ids,
				     &t->complaint);
	}
	return r == 0 ? uidl_ids_differ(&t->ids, t->index, &t->complaint) : r;
}

static const char *given(void *context, uint64_t i)
{
	const struct uidl_ids *ids = context;

	return ids->v[i].text[0] != '\0' ? ids->v[i].text : NULL;
}

static int complain(const struct taking *t)
{
	const struct uidl_complaint *k = &t->complaint;
	char name[SHOWN_MAX];

	if (k->line > 0)
		return desk_fail(t->cli, "mailbox", "%s:%llu: %s\n    %s",
				 t->file, (unsigned long long)k->line,
				 k->problem, k->remedy);
	return desk_fail(t->cli, "mailbox", "%s: %s\n    %s",
			 shown_text(t->mailbox, name), k->problem, k->remedy);
}

static int sum_up(const struct taking *t)
{
	char name[SHOWN_MAX];

	(void)fprintf(t->cli->out, "%s: %zu of %zu unique-ids taken over",
		      shown_text(t->mailbox, name), t->ids.given, t->ids.n);
	if (t->ids.without > 0)
		(void)fprintf(
			t->cli->out, "; %zu %s none there and keep%s ours",
			t->ids.without, t->ids.without == 1 ? "has" : "have",
			t->ids.without == 1 ? "s" : "");
	(void)fputc('\n', t->cli->out);
	return CLI_OK;
}

static int take_locked(struct taking *t, struct store *s)
{
	int r = box_open(s, t->mailbox, false, (uid_t)-1, &t->box);

	if (r == 0)
		r = index_open(&t->box.place, t->box.fd, &t->index);
	if (r == 0)
		r = gather(t);
	if (r == -EBADMSG && t->complaint.remedy)
		return complain(t);
	if (r == 0 && t->ids.given > 0)
		r = uidl_import(t->index, given, &t->ids);
	return r < 0 ? mailbox_fail(t->cli, t->mailbox, r) : sum_up(t);
}

/* Nothing is made beside one that is not there. */
static int check_there(const struct taking *t, const struct store *s)
{
	struct place p CLEANUP(place_done) = PLACE_NONE;
	int r = place_open(s, t->mailbox, false, &p);

	if (r == 0 && faccessat(p.dir, p.name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	return r;
}

/* A session shows what it saw at login: none may be there. */
static int take_over(struct taking *t, const struct mailbox_desk *d)
{
	struct place p CLEANUP(place_done) = PLACE_NONE;
	int seat CLEANUP(file_close) = -1;
	int status, r = check_there(t, d->store);

	if (r == 0)
		r = place_open(d->store, t->mailbox, true, &p);
	if (r == 0)
		r = seat = seat_wait(&p,
				     d->desk.settings.store.lock_wait_s * 1000);
	if (r < 0)
		return mailbox_fail(t->cli, t->mailbox, r);
	status = take_locked(t, d->store);
	uidl_ids_done(&t->ids);
	index_close(t->index);
	box_done(&t->box);
	return status;
}

static int open_list(struct taking *t)
{
	if (t->origin != LIST)
		return CLI_OK;
	t->in = t->cli->in;
	if (strcmp(t->file, "-") != 0)
		t->in = fopen(t->file, "re");
	return t->in ? CLI_OK
		     : desk_fail(t->cli, "mailbox", "%s: %s", t->file,
				 strerror(errno));
}

static int import_ids(struct taking *t, const char *word)
{
	struct mailbox_desk d;
	int status = mailbox_desk_open(t->cli, &d);

	if (status == CLI_OK)
		status = mailbox_named(t->cli, &d, word, &t->mailbox, NULL);
	if (status == CLI_OK)
		status = open_list(t);
	if (status == CLI_OK)
		status = take_over(t, &d);
	if (t->in && t->in != t->cli->in)
		(void)fclose(t->in); /* was only read */
	mailbox_desk_done(&d);
	return status;
}

static int uidl_import_(struct cli *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "list", required_argument, NULL, LIST },
		{ "dovecot", no_argument, NULL, DOVECOT },
		{ "popa3d", no_argument, NULL, POPA3D },
		{ 0 },
	};
	struct taking t = { .cli = c, .box = BOX_NONE };
	int letter;

	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (letter == '?' || t.origin != NOWHERE)
			return desk_usage(c, mailbox_usage);
		t.origin = (enum origin)letter;
		t.file = optarg;
	}
	if (optind + 1 != argc || t.origin == NOWHERE)
		return desk_usage(c, mailbox_usage);
	return import_ids(&t, argv[optind]);
}

int mailbox_uidl(struct cli *c, int argc, char **argv)
{
	static const struct desk_verb verbs[] = {
		{ "export", uidl_export },
		{ "import", uidl_import_ },
	};

	return argc < 2 ? desk_usage(c, mailbox_usage)
			: desk_dispatch(c, argc, argv, verbs, ARRAY_LEN(verbs),
					mailbox_usage);
}
