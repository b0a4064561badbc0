/* SPDX-License-Identifier: ISC */
/* `postern queue list` and show: they claim nothing and change nothing. What
 * strangers wrote is escaped, but for show --message. */
#include <getopt.h>

#include "base/clock.h"
#include "cli/queue.h"
#include "cli/shown.h"
#include "mail/date.h"

#define HEADER_MAX 65536 /* of a message's header, shown */

static const char dim[] = "\033[2m", plain[] = "\033[0m";

const char *queue_state_text(enum recipient_state state)
{
	switch (state) {
	case RECIPIENT_PENDING:
		return "waiting";
	case RECIPIENT_DELIVERED:
		return "delivered";
	case RECIPIENT_RELAYED:
		return "relayed";
	case RECIPIENT_FAILED:
		return "failed";
	case RECIPIENT_EXPANDED:
		return "expanded";
	}
	return "unknown";
}

/* "now", "in 4 min", "running" */
static const char *next_attempt(int64_t due_us, bool claimed,
				char ret[SHOWN_MAX])
{
	int64_t left = due_us - clock_real_us();
	char span[SHOWN_MAX];

	if (claimed || due_us == 0 || left <= 0)
		(void)snprintf(ret, SHOWN_MAX, "%s",
			       claimed ? "running" : "now");
	else
		(void)snprintf(ret, SHOWN_MAX, "in %.32s",
			       shown_span(left, span));
	return ret;
}

static void print_recipient(struct cli *c, const struct recipient *r)
{
	char address[SHOWN_MAX], status[SHOWN_MAX], detail[SHOWN_MAX];
	char remote[SHOWN_MAX];

	(void)fprintf(c->out, "    %-9s <%s>", queue_state_text(r->state),
		      shown_text(r->address, address));
	if (r->attempts > 0)
		(void)fprintf(c->out, " (%u %s)", r->attempts,
			      r->attempts == 1 ? "attempt" : "attempts");
	(void)fputc('\n', c->out);
	if (r->status.n == 0 && r->detail.n == 0)
		return;
	(void)fprintf(c->out, "%s              %s %s", c->colour ? dim : "",
		      shown_text(r->status, status),
		      shown_text(r->detail, detail));
	if (r->remote.n > 0)
		(void)fprintf(c->out, " [%s]", shown_text(r->remote, remote));
	(void)fprintf(c->out, "%s\n", c->colour ? plain : "");
}

static void print_recipients(struct cli *c, const struct envelope *env)
{
	for (size_t i = 0; i < env->n_to; i++)
		print_recipient(c, &env->to[i]);
}

/* ---- list ---- */

struct listing {
	struct cli *cli;
	size_t messages;
	uint64_t octets;
};

static int list_one(void *context, struct queue_item *item, int64_t due_us,
		    bool claimed)
{
	struct listing *l = context;
	const struct envelope *env = queue_item_envelope(item);
	char id[SHOWN_MAX], size[SHOWN_MAX], age[SHOWN_MAX], next[SHOWN_MAX];
	char from[SHOWN_MAX];

	if (l->messages++ == 0)
		(void)fprintf(l->cli->out, "%-16s %8s %8s  %-10s %s\n", "ID",
			      "SIZE", "AGE", "NEXT", "SENDER");
	l->octets += env->octets;
	(void)fprintf(l->cli->out, "%-16s %8s %8s  %-10s <%s>\n",
		      shown_text(env->id, id), shown_size(env->octets, size),
		      shown_span(clock_real_us() - env->arrived_us, age),
		      next_attempt(due_us, claimed, next),
		      shown_text(env->from, from));
	print_recipients(l->cli, env);
	return 0;
}

/* No run touches them again: a person must look. */
static int tell_bad(struct cli *c, const struct queue_desk *d)
{
	size_t n = 0;
	int r = queue_bad(d->queue, &n);

	if (r < 0)
		return desk_fail(c, "queue", "bad: %s", strerror(-r));
	if (n > 0)
		(void)fprintf(c->out,
			      "%zu %s in %s/bad could not be understood "
			      "(postern-queue(5)).\n",
			      n, n == 1 ? "file" : "files",
			      d->desk.settings.queue.directory.p);
	return CLI_OK;
}

static int list(struct cli *c, struct queue *q)
{
	struct listing l = { .cli = c };
	char size[SHOWN_MAX];
	int r = queue_walk(q, list_one, &l);

	if (r < 0)
		return desk_fail(c, "queue", "%s", strerror(-r));
	if (l.messages == 0)
		(void)fputs("The queue is empty.\n", c->out);
	else
		(void)fprintf(c->out, "\n%zu %s, %s.\n", l.messages,
			      l.messages == 1 ? "message" : "messages",
			      shown_size(l.octets, size));
	return CLI_OK;
}

int queue_verb_list(struct cli *c, int argc, char **argv)
{
	struct queue_desk d;
	int status;

	(void)argv;
	if (argc > 1)
		return desk_usage(c, queue_usage);
	status = queue_desk_open(c, &d);
	if (status == CLI_OK)
		status = list(c, d.queue);
	if (status == CLI_OK)
		status = tell_bad(c, &d);
	queue_desk_done(&d);
	return status;
}

/* ---- show ---- */

struct search {
	struct cli *cli;
	struct slice id;
	bool message;
};

static void print_line(struct cli *c, const char *name, struct slice value)
{
	char text[SHOWN_MAX];

	if (value.n > 0)
		(void)fprintf(c->out, "%-10s %s\n", name,
			      shown_text(value, text));
}

static void print_envelope(struct cli *c, const struct envelope *env,
			   int64_t due_us, bool claimed)
{
	char text[SHOWN_MAX], date[DATE_MAX];

	print_line(c, "id", env->id);
	(void)fprintf(c->out, "%-10s <%s>\n", "from",
		      shown_text(env->from, text));
	date_iso(env->arrived_us, date);
	print_line(c, "arrived", slice_of(date));
	print_line(c, "by", env->peer);
	print_line(c, "login", env->login);
	print_line(c, "envid", env->envid);
	print_line(c, "size", slice_of(shown_size(env->octets, text)));
	print_line(c, "next", slice_of(next_attempt(due_us, claimed, text)));
	print_recipients(c, env);
}

static int print_header(struct cli *c, struct queue_item *item)
{
	char *text = malloc(HEADER_MAX);
	struct slice rest, line;
	uint64_t offset, length;
	char shown[SHOWN_MAX];
	ssize_t n;
	int fd;

	if (!text)
		return -ENOMEM;
	queue_item_message(item, &fd, &offset, &length);
	n = file_read_at(fd, text, length < HEADER_MAX ? length : HEADER_MAX,
			 offset);
	rest = (struct slice){ text, n < 0 ? 0 : (size_t)n };
	(void)fputc('\n', c->out);
	while (slice_field(&rest, '\n', &line) && line.n > 0)
		(void)fprintf(c->out, "%s%s\n", line.p[0] == '\t' ? "    " : "",
			      shown_text(slice_trim(line), shown));
	free(text);
	return n < 0 ? (int)n : 0;
}

static int print_message(struct cli *c, struct queue_item *item)
{
	uint64_t offset, length;
	char piece[8192];
	ssize_t n;
	int fd;

	queue_item_message(item, &fd, &offset, &length);
	while (length > 0) {
		n = file_read_at(fd, piece,
				 length < sizeof(piece) ? length
							: sizeof(piece),
				 offset);
		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		if (fwrite(piece, 1, (size_t)n, c->out) != (size_t)n)
			return -errno;
		offset += (uint64_t)n;
		length -= (uint64_t)n;
	}
	return 0;
}

static int show_one(void *context, struct queue_item *item, int64_t due_us,
		    bool claimed)
{
	struct search *s = context;
	const struct envelope *env = queue_item_envelope(item);
	int r;

	if (!slice_eq(env->id, s->id))
		return 0;
	if (s->message) {
		r = print_message(s->cli, item);
	} else {
		print_envelope(s->cli, env, due_us, claimed);
		r = print_header(s->cli, item);
	}
	return r < 0 ? r : 1;
}

static int show(struct cli *c, struct queue *q, const char *id, bool message)
{
	struct search s = { c, slice_of(id), message };
	int r = queue_walk(q, show_one, &s);

	if (r == 0)
		return desk_fail(c, "queue", "there is no %s", id);
	return r < 0 ? desk_fail(c, "queue", "%s: %s", id, strerror(-r))
		     : CLI_OK;
}

int queue_verb_show(struct cli *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "message", no_argument, NULL, 'm' },
		{ 0 },
	};
	struct queue_desk d;
	bool message = false;
	int letter, status;

	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "m", options, NULL)) != -1) {
		if (letter != 'm')
			return desk_usage(c, queue_usage);
		message = true;
	}
	if (optind + 1 != argc)
		return desk_usage(c, queue_usage);
	status = queue_desk_open(c, &d);
	if (status == CLI_OK)
		status = show(c, d.queue, argv[optind], message);
	queue_desk_done(&d);
	return status;
}
