/* SPDX-License-Identifier: ISC */
/* `postern mailbox stat`. Brings the index up to date on the way, as a login
 * does. */
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>

#include "cli/mailbox.h"
#include "cli/shown.h"
#include "mail/date.h"
#include "store/box.h"
#include "store/index.h"

struct table {
	size_t n;
};

/* When somebody last logged in, or "never". */
static const char *last_login(const struct place *p, char ret[DATE_MAX])
{
	struct place_file f = place_beside(p, ".session");
	struct stat st;

	(void)snprintf(ret, DATE_MAX, "never");
	if (p->side >= 0 &&
	    fstatat(p->side, f.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_mtim.tv_sec > 0)
		date_iso((int64_t)st.st_mtim.tv_sec * 1000000, ret);
	return ret;
}

static const char *index_state(const struct index *x)
{
	return index_was_warm(x)       ? "up to date"
	       : index_was_extended(x) ? "extended"
				       : "made anew";
}

static void print(struct cli *c, struct table *t, struct slice mailbox,
		  const struct box *b, const struct index *x)
{
	char name[SHOWN_MAX], size[SHOWN_MAX], login[DATE_MAX];

	if (t->n++ == 0)
		(void)fprintf(c->out, "%-24s %8s %8s %12s %9s  %-20s  %s\n",
			      "MAILBOX", "MESSAGES", "UNREAD", "OCTETS", "SIZE",
			      "LAST LOGIN", "INDEX");
	(void)fprintf(c->out, "%-24s %8llu %8llu %12llu %9s  %-20s  %s\n",
		      shown_text(mailbox, name),
		      (unsigned long long)index_count(x),
		      (unsigned long long)index_unread(x),
		      (unsigned long long)index_octets(x),
		      shown_size(index_size(x), size),
		      last_login(&b->place, login), index_state(x));
}

static int stat_one(struct cli *c, struct mailbox_desk *d, struct slice mailbox,
		    void *context)
{
	struct box b CLEANUP(box_done) = BOX_NONE;
	struct index *x = NULL;
	int r = box_open(d->store, mailbox, false, (uid_t)-1, &b);

	if (r == 0)
		r = index_open(&b.place, b.fd, &x);
	box_unlock(&b);
	if (r < 0)
		return mailbox_fail(c, mailbox, r);
	print(c, context, mailbox, &b, x);
	index_close(x);
	return CLI_OK;
}

int mailbox_stat(struct cli *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ 0 },
	};
	struct table table = { .n = 0 };
	struct mailbox_desk d;
	int letter, status;
	bool all = argc == 1;

	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "a", options, NULL)) != -1) {
		if (letter != 'a')
			return desk_usage(c, mailbox_usage);
		all = true;
	}
	if (all && optind < argc)
		return desk_usage(c, mailbox_usage);
	status = mailbox_desk_open(c, &d);
	if (status == CLI_OK)
		status = mailbox_each(c, &d, all, argv + optind, stat_one,
				      &table);
	mailbox_desk_done(&d);
	return status;
}
