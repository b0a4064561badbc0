/* SPDX-License-Identifier: ISC */
/* postern-pop3d: one POP3 session on standard input and output. */
#include "main/counter.h"
#include "main/fence.h"
#include "main/handler.h"

#include <signal.h>

/* the list of a mailbox of a million messages */
#define MEMORY_MAX ((size_t)1 << 30)

static const char usage[] =
	"Usage: postern-pop3d [OPTION]...\n"
	"Serve one POP3 session on standard input and output.\n"
	"\n"
	"  -c, --config=FILE  configuration (" PROGRAM_CONFIG ")\n"
	"  -p, --peer=IP      take the peer for this address\n"
	"  -s, --strict       want CRLF even from a file, pipe or terminal\n"
	"  -t, --tls          TLS from the first octet (ports 465 and 995)\n"
	"  -h, --help         show this help\n"
	"  -V, --version      show the version\n"
	"\n"
	"To debug: postern-pop3d < session.txt\n";

static const struct option options[] = { HANDLER_OPTIONS };

struct pop3d {
	struct handler handler; /* first: serve() gets it */
	struct store *store;
};

static void read_options(struct pop3d *d, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, HANDLER_LETTERS, options, NULL)) !=
	       -1)
		if (!handler_option(&d->handler, c))
			program_usage(&d->handler.program, NULL);
	if (optind != argc)
		program_usage(&d->handler.program, "too many arguments");
}

/* What is left takes as long as it takes, and then we end anyway. */
static void decided(void *context)
{
	static const int ends[] = { SIGTERM, SIGHUP, SIGINT };

	(void)context;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		/* fails only for signals that there are not */
		(void)signal(ends[i], SIG_IGN);
}

static int session(struct pop3d *d, struct gate *g)
{
	struct counter counter;
	const struct handler *h = &d->handler;
	const struct settings *s = &h->program.settings;
	const struct pop3_config config = {
		.host = s->host.name,
		.peer_ip = slice_of(h->door.peer_ip),
		.session = slice_of(h->session),
		.logins_max = s->pop3.logins_max,
		.login_delay_s = s->pop3.login_delay_s,
		.idle_ms = (int64_t)s->pop3.idle_s * 1000,
		.session_ms = (int64_t)s->pop3.session_s * 1000,
		.lenient = handler_lenient(h),
		.tls = g->info.version[0] != '\0' ? &g->info : NULL,
	};
	struct pop3_hooks hooks;
	int r;

	counter_open(&counter, s, d->store, g, slice_of(h->session));
	hooks = counter_hooks(&counter);
	hooks.decided = decided;
	r = pop3_serve(h->stream, &config, &hooks);
	counter_done(&counter);
	return r < 0 ? PROGRAM_FAILED : PROGRAM_OK;
}

static int serve(struct handler *h)
{
	struct pop3d *d = (struct pop3d *)h;
	struct gate g;
	int r = program_open_store(&h->program.settings, &d->store);

	if (r < 0)
		return handler_cannot(h, "the mail directory", r);
	r = fence_raise(MEMORY_MAX);
	if (r < 0)
		return handler_cannot(h, "the fence", r);
	r = gate_open(&g, h);
	/* whose handshake failed has gone, and cannot be told */
	r = r < 0 ? PROGRAM_FAILED : session(d, &g);
	gate_close(&g);
	return r;
}

static void refuse(struct handler *h)
{
	pop3_refuse(h->stream, "not now, this server has a problem of its own");
}

static void refuse_many(struct handler *h, bool of_source)
{
	pop3_refuse(h->stream,
		    of_source ? "too many connections from you, try later"
			      : "too many connections, try later");
}

int main(int argc, char **argv)
{
	struct pop3d d = {
		.handler = {
			.program = { .name = "postern-pop3d", .usage = usage },
			.service = "pop3",
			.serve = serve,
			.refuse = refuse,
			.refuse_many = refuse_many,
		},
	};
	int status;

	read_options(&d, argc, argv);
	status = handler_run(&d.handler, argv);
	store_close(d.store);
	return status;
}
