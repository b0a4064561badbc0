/* SPDX-License-Identifier: ISC */
/* `postern user quota`: show or set what a mailbox may hold. */
#include "cli/desk.h"
#include "cli/user.h"
#include "cli/user_line.h"
#include "cli/user_row.h"
#include "conf/options.h"

#define OPTIONS_MAX 2048

/* What was asked for. */
struct wish {
	bool octets, messages;   /* is it to be changed at all? */
	struct domain_quota set; /* not given: the default again */
};

static const struct slice by_default = { "default", 7 };

static int show(struct user_edit *e)
{
	const struct user_line *l = &e->line;
	struct user_rows rows;
	struct user u = { .name = l->name };
	struct slice rest = arena_printf(
		e->desk.arena, "%.*s:%.*s:%.*s", SLICE_ARG(l->hash),
		SLICE_ARG(l->mailbox), SLICE_ARG(l->options));
	const char *why = strerror(ENOMEM);

	if (!rest.p || user_parse(l->name, rest, e->desk.arena, &u, &why) < 0)
		return desk_fail(e->cli, "user", "%s: %s", e->file, why);
	user_rows_open(&rows, e->cli->out, &e->desk.settings);
	user_row(&rows, &u);
	user_rows_done(&rows);
	return CLI_OK;
}

static int set(struct user_edit *e)
{
	const struct wish *w = e->wish;
	struct domain_quota q = quota_given(e->line.options);
	struct buf b = BUF(OPTIONS_MAX);
	int status, r;

	if (w->octets) {
		q.octets_given = w->set.octets_given;
		q.quota.octets = w->set.quota.octets;
	}
	if (w->messages) {
		q.messages_given = w->set.messages_given;
		q.quota.messages = w->set.quota.messages;
	}
	r = quota_write_options(&b, e->line.options, &q);
	e->line.options = buf_slice(&b);
	status = r < 0 ? user_line_fail(e, r) : user_line_store(e);
	buf_done(&b);
	return status;
}

static int work_show(struct user_edit *e)
{
	return user_line_change(e, show);
}

static int work_set(struct user_edit *e)
{
	return user_line_change(e, set);
}

static bool read_size(const char *word, struct wish *w)
{
	struct slice text = slice_of(word);

	w->octets = true;
	w->set.octets_given = !slice_eq(text, by_default);
	return !w->set.octets_given ||
	       quota_parse_octets(text, &w->set.quota.octets) == 0;
}

static bool read_messages(const char *word, struct wish *w)
{
	struct slice text = slice_of(word);

	w->messages = true;
	w->set.messages_given = !slice_eq(text, by_default);
	return !w->set.messages_given ||
	       quota_parse_messages(text, &w->set.quota.messages) == 0;
}

/* "none" and "default" alone are for both. */
static bool read_wish(int argc, char **argv, struct wish *ret)
{
	struct slice size = slice_of(argv[2]);
	bool good = read_size(argv[2], ret);

	if (argc == 4)
		good = good && read_messages(argv[3], ret);
	else if (slice_eq(size, by_default) ||
		 slice_eq_nocase(size, SLICE("none")))
		good = read_messages(argv[2], ret);
	return good;
}

int user_quota(struct cli *c, int argc, char **argv)
{
	struct wish wish = { .octets = false };

	if (argc == 2)
		return user_line_run(c, argv[1], work_show, NULL, NULL);
	if (argc < 2 || argc > 4)
		return desk_usage(c, user_usage);
	if (!read_wish(argc, argv, &wish))
		return desk_fail(c, "user quota",
				 "a size is 500MB, 1G, none or default, a "
				 "number of messages 1000, none or default");
	return user_line_run(c, argv[1], work_set, NULL, &wish);
}
