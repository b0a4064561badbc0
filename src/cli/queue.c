/* SPDX-License-Identifier: ISC */
/* `postern queue`: its verbs, and those that change something. */
#include "cli/queue.h"

#include <fcntl.h>
#include <getopt.h>

#include "base/clock.h"
#include "base/ident.h"
#include "cli/shown.h"

const char queue_usage[] =
	"Usage: postern queue [list]\n"
	"       postern queue show [--message] ID\n"
	"       postern queue retry ID... | --all\n"
	"       postern queue remove [--yes] ID...\n"
	"\n"
	"  show    envelope, recipients and header; --message: the message "
	"alone,\n"
	"          as it lies in the queue\n"
	"  retry   make due now, and forget which hosts are down;\n"
	"          postern-retry does the rest\n"
	"  remove  throw away, without telling the sender\n";

static const struct desk_verb verbs[] = {
	{ "list", queue_verb_list },
	{ "show", queue_verb_show },
	{ "retry", queue_verb_retry },
	{ "remove", queue_verb_remove },
};

int cli_queue(struct cli *c, int argc, char **argv)
{
	return desk_dispatch(c, argc, argv, verbs, ARRAY_LEN(verbs),
			     queue_usage);
}

/* Which of its folders it was: "DIR" alone says little. */
static int cannot_open(struct cli *c, const char *directory, int error)
{
	static const char *const parts[] = { "", "/tmp", "/new" };
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", directory, parts[i]);
		if (faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0)
			return desk_fail(c, "queue", "%s: %s", path,
					 strerror(errno));
	}
	return desk_fail(c, "queue", "%s: %s", directory, strerror(-error));
}

int queue_desk_open(struct cli *c, struct queue_desk *ret)
{
	int status, r;

	*ret = (struct queue_desk){ .queue = NULL };
	status = desk_open(c, &ret->desk);
	if (status != CLI_OK)
		return status;
	r = queue_become_owner(ret->desk.settings.queue.directory.p);
	if (r == 0)
		r = queue_open(ret->desk.settings.queue.directory.p, false,
			       &ret->queue);
	return r < 0 ? cannot_open(c, ret->desk.settings.queue.directory.p, r)
		     : CLI_OK;
}

void queue_desk_done(struct queue_desk *d)
{
	queue_close(d->queue);
	d->queue = NULL;
	desk_done(&d->desk);
}

/* NULL once c->err says why. */
static struct queue_item *claim(struct cli *c, struct queue *q, const char *id)
{
	struct queue_item *item = NULL;
	int r = ident_valid(slice_of(id)) ? queue_claim(q, slice_of(id), &item)
					  : -ENOENT;

	if (r == 0)
		return item;
	if (r == -ENOENT)
		(void)desk_fail(c, "queue", "there is no %s", id);
	else if (r == -EAGAIN)
		(void)desk_fail(c, "queue", "%s is being delivered just now",
				id);
	else
		(void)desk_fail(c, "queue", "%s: %s", id, strerror(-r));
	return NULL;
}

/* ---- retry ---- */

/* Ids first, claims later: claiming moves what is being walked. */
struct ids {
	char (*v)[IDENT_MAX];
	size_t n;
};

static int collect(void *context, struct queue_item *item, int64_t due_us,
		   bool claimed)
{
	struct ids *ids = context;
	const struct envelope *env = queue_item_envelope(item);
	void *more;

	if (claimed || due_us <= clock_real_us() || env->id.n >= IDENT_MAX)
		return 0;
	more = reallocarray(ids->v, ids->n + 1, sizeof(*ids->v));
	if (!more)
		return -ENOMEM;
	ids->v = more;
	(void)snprintf(ids->v[ids->n++], IDENT_MAX, "%.*s", SLICE_ARG(env->id));
	return 0;
}

static int retry_one(struct cli *c, struct queue *q, const char *id)
{
	struct queue_item *item = claim(c, q, id);
	int r;

	if (!item)
		return CLI_FAILED;
	r = queue_item_later(item, clock_real_us());
	if (r < 0)
		return desk_fail(c, "queue", "%s: %s", id, strerror(-r));
	(void)fprintf(c->out, "%s is due now\n", id);
	return CLI_OK;
}

static int retry_all(struct cli *c, struct queue *q)
{
	struct ids ids = { .n = 0 };
	int status = CLI_OK;
	int r = queue_walk(q, collect, &ids);

	if (r < 0)
		status = desk_fail(c, "queue", "%s", strerror(-r));
	for (size_t i = 0; r == 0 && i < ids.n; i++)
		if (retry_one(c, q, ids.v[i]) != CLI_OK)
			status = CLI_FAILED;
	free(ids.v);
	return status;
}

/* What waits for a host that is down would wait on, due or not. */
static int forget_hosts(struct cli *c, struct queue *q)
{
	int r = queue_hosts_forget(q);

	return r < 0 ? desk_fail(c, "queue", "hosts: %s", strerror(-r))
		     : CLI_OK;
}

int queue_verb_retry(struct cli *c, int argc, char **argv)
{
	struct queue_desk d;
	int status;

	if (argc < 2)
		return desk_usage(c, queue_usage);
	status = queue_desk_open(c, &d);
	if (status == CLI_OK)
		status = forget_hosts(c, d.queue);
	if (status == CLI_OK && argc == 2 && strcmp(argv[1], "--all") == 0)
		status = retry_all(c, d.queue);
	else
		for (int i = 1; d.queue && i < argc; i++)
			if (retry_one(c, d.queue, argv[i]) != CLI_OK)
				status = CLI_FAILED;
	queue_desk_done(&d);
	return status;
}

/* ---- remove ---- */

static bool confirm(struct cli *c, struct queue_item *item)
{
	const struct envelope *env = queue_item_envelope(item);
	char id[SHOWN_MAX], from[SHOWN_MAX], answer[16];

	(void)fprintf(c->err, "Remove %s from <%s>, %zu to go? [y/N] ",
		      shown_text(env->id, id), shown_text(env->from, from),
		      envelope_pending(env));
	(void)fflush(c->err);
	return fgets(answer, sizeof(answer), c->in) &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

static int remove_one(struct cli *c, struct queue *q, const char *id, bool yes)
{
	struct queue_item *item = claim(c, q, id);
	int r;

	if (!item)
		return CLI_FAILED;
	if (!yes && !confirm(c, item)) {
		queue_item_free(item);
		return CLI_FAILED;
	}
	r = queue_item_remove(item);
	if (r < 0)
		return desk_fail(c, "queue", "%s: %s", id, strerror(-r));
	(void)fprintf(c->out, "%s is removed\n", id);
	return CLI_OK;
}

int queue_verb_remove(struct cli *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "yes", no_argument, NULL, 'y' },
		{ 0 },
	};
	struct queue_desk d;
	bool yes = false;
	int letter, status;

	optind = 0;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "y", options, NULL)) != -1) {
		if (letter != 'y')
			return desk_usage(c, queue_usage);
		yes = true;
	}
	if (optind == argc)
		return desk_usage(c, queue_usage);
	status = queue_desk_open(c, &d);
	for (int i = optind; d.queue && i < argc; i++)
		if (remove_one(c, d.queue, argv[i], yes) != CLI_OK)
			status = CLI_FAILED;
	queue_desk_done(&d);
	return status;
}
