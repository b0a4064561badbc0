/* SPDX-License-Identifier: ISC */
/* postern-pop3d: one POP3 session on standard input and output. */
#include "main/counter.h"
#include "main/fence.h"
#include "main/gate.h"
#include "main/porch.h"

#include <signal.h>

#include "auth/usher.h"
#include "base/file.h"

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

static const struct handler_name names[] = { { "pop3s", .tls = true } };

struct pop3d {
	struct handler handler; /* first: serve() gets it */
	struct store *store;
	struct porch porch;
	struct gate gate; /* on the porch */
	bool away;        /* the house goes on */
	bool failed;      /* in the house: the session, in the clear */
};

/* The other process's. */
struct house {
	struct link *link;
	struct usher *usher;
	struct counter counter;
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

static struct pop3_config configure(const struct handler *h)
{
	const struct settings *s = &h->program.settings;

	return (struct pop3_config){
		.host = s->host.name,
		.peer_ip = slice_of(h->door.peer_ip),
		.session = slice_of(h->session),
		.logins_max = s->pop3.logins_max,
		.login_delay_s = s->pop3.login_delay_s,
		.idle_ms = (int64_t)s->pop3.idle_s * 1000,
		.session_ms = (int64_t)s->pop3.session_s * 1000,
		.lenient = handler_lenient(h),
	};
}

/* ---- on the porch: until the login ---- */

static int stls(void *context, struct stream *s, struct tls_info *ret)
{
	struct pop3d *d = context;

	return gate_shake(&d->gate, s, ret);
}

static int tls_ready(void *context)
{
	struct pop3d *d = context;

	return gate_ready(&d->gate);
}

static bool plain_ok(void *context)
{
	const struct pop3d *d = context;

	return gate_plain_ok(&d->gate);
}

static enum pop3_login enter(void *context, struct maildrop **ret,
			     struct slice *ret_fill)
{
	struct pop3d *d = context;
	enum pop3_login login = porch_enter(&d->porch, ret, ret_fill);

	d->away = login == POP3_LOGIN_AWAY;
	return login;
}

static int receive(struct pop3d *d)
{
	struct handler *h = &d->handler;
	struct pop3_config config = configure(h);
	const struct pop3_hooks hooks = {
		.context = d,
		.auth = &d->gate.hooks,
		.enter = enter,
		.stls = gate_offers_tls(&d->gate) ? stls : NULL,
		.tls_ready = tls_ready,
		.plain_ok = plain_ok,
	};
	int r;

	if (gate_in_tls(&d->gate))
		config.tls = &d->gate.info;
	r = pop3_serve(h->stream, &config, &hooks);
	if (r == 0 && d->away) /* STLS may have been meanwhile */
		r = gate_in_tls(&d->gate)
			    ? porch_pump(&d->porch, h->stream, config.idle_ms)
			    : porch_hand_over(&d->porch, h->stream);
	return r < 0 ? PROGRAM_FAILED : PROGRAM_OK;
}

static int on_the_porch(struct pop3d *d)
{
	struct handler *h = &d->handler;
	int r;

	store_close(d->store);
	d->store = NULL;
	file_close(&h->starter); /* the house asks for us */
	r = handler_fence(h, FENCE_POP3);
	if (r < 0)
		return handler_cannot(h, "the fence", r);
	h->usher = d->porch.line;
	r = gate_open(&d->gate, h);
	/* whose handshake failed has gone, and cannot be told */
	r = r < 0 ? PROGRAM_FAILED : receive(d);
	gate_close(&d->gate);
	return r;
}

/* ---- in the house: from the login on ---- */

static bool plain_was_ok(void *context)
{
	const struct house *house = context;

	return usher_scene(house->usher)->plaintext;
}

/* Whom the session is held with from now on; NULL: that cannot be. */
static struct stream *client_of(const struct house *house, struct pop3d *d,
				struct stream *line)
{
	if (usher_scene(house->usher)->tls)
		return porch_leave_client() < 0 ? NULL : line;
	return porch_take_over(line, d->handler.stream) < 0 ? NULL
							    : d->handler.stream;
}

/* 0: the porch had better go on alone; else the session has been. */
static int let_in(struct house *house, struct pop3d *d, struct stream *line)
{
	struct pop3_config config = configure(&d->handler);
	const struct auth_hooks auth = link_hooks(house->link);
	const struct pop3_hooks hooks = {
		.context = house,
		.auth = &auth,
		.plain_ok = plain_was_ok,
		.decided = decided,
	};
	struct pop3_entrance entrance;
	struct stream *client;
	enum pop3_login login = counter_enter(
		&house->counter, link_user(house->link), &entrance);
	int r = porch_answer(&d->porch, login);

	if (login != POP3_LOGIN_OK)
		return r;
	client = r < 0 ? NULL : client_of(house, d, line);
	if (!client) {
		maildrop_close(entrance.maildrop);
		return -EPIPE;
	}
	config.entrance = &entrance;
	d->failed = pop3_serve(client, &config, &hooks) < 0;
	return 1;
}

static void keep_house(struct house *house, struct pop3d *d)
{
	struct stream *line = stream_new_fd(d->porch.line, d->porch.line);
	int r = line ? 0 : -ENOMEM;

	while (r == 0) {
		r = usher_serve(house->usher, line);
		if (r <= 0)
			break;
		r = let_in(house, d, line);
	}
	stream_free(line);
}

static struct link *link_of(const struct handler *h)
{
	const struct link_config config = {
		.settings = &h->program.settings,
		.starter = h->starter,
		.wait_ms = GATE_ANSWER_MS,
	};

	return link_new(&config);
}

static void open_house(struct house *house, struct pop3d *d)
{
	const struct handler *h = &d->handler;

	house->usher = usher_new(house->link);
	counter_open(&house->counter, &h->program.settings, d->store,
		     slice_of(h->session));
	if (house->usher)
		keep_house(house, d);
	counter_done(&house->counter);
	usher_free(house->usher);
}

static int in_the_house(struct pop3d *d)
{
	struct house house = { .link = link_of(&d->handler) };
	int r;

	if (house.link) /* hardly anybody comes but to log in */
		link_start(house.link);
	if (house.link && handler_fence(&d->handler, FENCE_HOUSE) == 0)
		open_house(&house, d);
	link_free(house.link);
	/* without us the porch tells the client that we cannot */
	r = porch_close(&d->porch);
	return d->failed ? PROGRAM_FAILED : r;
}

static int serve(struct handler *h)
{
	struct pop3d *d = (struct pop3d *)h;
	int r = program_open_store(&h->program.settings, &d->store);

	if (r < 0)
		return handler_cannot(h, "the mail directory", r);
	r = porch_open(&d->porch);
	if (r < 0)
		return handler_cannot(h, "a second process", r);
	return d->porch.pid > 0 ? in_the_house(d) : on_the_porch(d);
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
			.names = names,
			.n_names = ARRAY_LEN(names),
			.filter = FENCE_POP3D,
			.filter_door = FENCE_POP3D_DOOR,
			.memory_max = MEMORY_MAX,
			.states = { FENCE_POP3, FENCE_HOUSE },
			.n_states = 2,
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
