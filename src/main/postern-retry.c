/* SPDX-License-Identifier: ISC */
/* postern-retry: work off what is due in the queue, once. */
#include "base/log.h"
#include "main/door.h"
#include "main/fence.h"
#include "main/mailroom.h"
#include "main/program.h"
#include "relay/run.h"

#include <syslog.h>

static const char usage[] =
	"Usage: postern-retry [OPTION]... [QUEUE-ID]\n"
	"Deliver what is due in the queue, then end.  With QUEUE-ID try that\n"
	"message now, whenever it is due.\n"
	"\n"
	"  -c, --config=FILE  configuration (" PROGRAM_CONFIG ")\n"
	"  -v, --verbose      say on standard output what was done\n"
	"  -h, --help         show this help\n"
	"  -V, --version      show the version\n";

static const struct option options[] = {
	{ "verbose", no_argument, NULL, 'v' },
	PROGRAM_OPTIONS,
};

static const struct log_kind cannot_run = {
	.id = "e0a5d2c07c0b4a46b70c5a3c28a6d904",
	.level = LOG_ERR,
	.text = "cannot work off the queue",
};

struct retry {
	struct program program;
	const char *only;
	bool verbose;
};

static void read_options(struct retry *t, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, PROGRAM_LETTERS "v", options,
				NULL)) != -1) {
		if (c == 'v')
			t->verbose = true;
		else if (!program_option(&t->program, c))
			program_usage(&t->program, NULL);
	}
	if (optind < argc)
		t->only = argv[optind++];
	if (optind != argc)
		program_usage(&t->program, "too many arguments");
}

static void log_cannot(const char *what, int r)
{
	const struct log_field fields[] = {
		{ "DETAIL", slice_of(what) },
		{ "STATUS", slice_of(strerror(-r)) },
	};

	log_event(&cannot_run, fields, ARRAY_LEN(fields));
}

static int fence_worker(const struct settings *s)
{
	int r = fence_session(FENCE_WORKER, s, NULL);

	if (r < 0)
		log_cannot("the fence", r);
	return r;
}

static int open_rooms(struct retry *t, struct mailroom *room,
		      struct relay *relay, const char **ret_what)
{
	const struct settings *s = &t->program.settings;
	int r;

	*ret_what = "becoming the queue's owner";
	r = queue_become_owner(s->queue.directory.p);
	if (r < 0)
		return r;
	r = mailroom_open(room, s, NULL, mailroom_biff(s), ret_what);
	if (r < 0)
		return r;
	*relay = (struct relay){
		.settings = s,
		.queue = room->queue,
		.deliver = room->deliver,
		.route = room->route,
		.fence = fence_worker,
	};
	*ret_what = "the resolver";
	r = dns_new(s->dns.server.n > 0 ? s->dns.server.p : NULL,
		    (unsigned)s->dns.timeout_s, &relay->dns);
	if (r < 0)
		return r;
	*ret_what = "the fence";
	r = fence_process(FENCE_RETRY, 0);
	return r < 0 ? r : fence_session(FENCE_RUN, s, route_lists);
}

static void report(const struct retry *t, const struct relay_count *count)
{
	if (t->verbose)
		(void)printf("%zu %s: %zu delivered here, %zu relayed, %zu "
			     "failed, %zu later\n",
			     count->claimed,
			     count->claimed == 1 ? "message" : "messages",
			     count->delivered, count->relayed, count->failed,
			     count->deferred);
}

static int run(struct retry *t)
{
	struct mailroom room = { 0 };
	struct relay relay = { 0 };
	struct relay_count count = { 0 };
	const char *what = "";
	int r = open_rooms(t, &room, &relay, &what);

	if (r == 0) {
		what = "the run";
		r = relay_run(&relay, slice_of(t->only), &count);
	}
	if (r < 0)
		log_cannot(what, r);
	else
		report(t, &count);
	dns_free(relay.dns);
	mailroom_close(&room);
	return r < 0 ? PROGRAM_TEMPFAIL : PROGRAM_OK;
}

int main(int argc, char **argv)
{
	struct retry t = {
		.program = { .name = "postern-retry", .usage = usage },
	};
	int status = PROGRAM_CONFIG_BAD;

	read_options(&t, argc, argv);
	if (program_start(&t.program, isatty(STDERR_FILENO) == 1) == 0)
		status = run(&t);
	program_end(&t.program);
	return status;
}
