/* SPDX-License-Identifier: ISC */
/* postern-smtpd: one SMTP session on standard input and output. */
#include <pwd.h>

#include "base/file.h"
#include "main/fence.h"
#include "main/gate.h"
#include "main/handler.h"
#include "main/hire.h"
#include "main/mailroom.h"
#include "main/proxied.h"
#include "main/warden.h"
#include "store/keeper.h"
#include "store/store.h"

/* libraries, stack and one session; whatever the size of the message */
#define MEMORY_MAX ((size_t)256 << 20)

static const char usage[] =
	"Usage: postern-smtpd [OPTION]...\n"
	"Serve one SMTP session on standard input and output.\n"
	"\n"
	"  -c, --config=FILE  configuration (" PROGRAM_CONFIG ")\n"
	"  -r, --role=ROLE    mx (default), submission or local\n"
	"  -p, --peer=IP      take the peer for this address\n"
	"  -s, --strict       want CRLF even from a file, pipe or terminal\n"
	"  -t, --tls          TLS from the first octet (ports 465 and 995)\n"
	"  -h, --help         show this help\n"
	"  -V, --version      show the version\n"
	"\n"
	"To debug: postern-smtpd < session.txt\n";

static const struct option options[] = {
	{ "role", required_argument, NULL, 'r' },
	HANDLER_OPTIONS,
};

struct smtpd {
	struct handler handler; /* first: serve() gets it */
	char login_name[64];
	struct slice login; /* on the local socket; or empty */
	struct warden warden;
	int biff;            /* biff.h's socket, or -1 */
	struct store *store; /* opened before the fence; or NULL */
	struct gate *gate;
	struct mailroom *room;
};

static const char *const roles[] = {
	[SMTP_MX] = "mx",
	[SMTP_SUBMISSION] = "submission",
	[SMTP_LOCAL] = "local",
};

static const struct handler_name names[] = {
	{ "submission", .role = SMTP_SUBMISSION },
	{ "submissions", .role = SMTP_SUBMISSION, .tls = true },
	{ "smtps", .role = SMTP_SUBMISSION, .tls = true },
};

static void set_role(struct smtpd *d, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (strcmp(name, roles[i]) == 0) {
			d->handler.role = (unsigned)i;
			return;
		}
	program_usage(&d->handler.program, "a role is mx, submission or local");
}

static void read_options(struct smtpd *d, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, HANDLER_LETTERS "r:", options,
				NULL)) != -1) {
		if (c == 'r')
			set_role(d, optarg);
		else if (!handler_option(&d->handler, c))
			program_usage(&d->handler.program, NULL);
	}
	if (optind != argc)
		program_usage(&d->handler.program, "too many arguments");
}

/* On the local socket the kernel says who it is: that is the login. */
static struct slice login_of(struct smtpd *d)
{
	const struct peer *peer = &d->handler.door.peer;
	const struct passwd *pw;

	if (d->handler.role != SMTP_LOCAL || peer->kind != PEER_UNIX)
		return SLICE_NONE;
	pw = getpwuid(peer->uid);
	if (!pw)
		return SLICE_NONE;
	(void)snprintf(d->login_name, sizeof(d->login_name), "%s", pw->pw_name);
	return slice_of(d->login_name);
}

/* Whom no network makes known must log in, and not in the clear. */
static bool needs_tls(const struct smtpd *d, const struct gate *g)
{
	const struct settings *s = &d->handler.program.settings;

	return d->handler.role == SMTP_SUBMISSION && s->smtp.require_tls &&
	       !gate_plain_ok(g) &&
	       !networks_have(&s->smtp.networks, &d->handler.door.peer);
}

static struct smtp_config configure(struct smtpd *d, const struct gate *g)
{
	const struct handler *h = &d->handler;
	const struct settings *s = &h->program.settings;

	return (struct smtp_config){
		.role = d->handler.role,
		.host = s->host.name,
		.peer_ip = slice_of(h->door.peer_ip),
		.peer_literal = slice_of(h->door.peer_literal),
		.login = d->login,
		.session = slice_of(h->session),
		.tls = gate_in_tls(g) ? &g->info : NULL,
		.need_tls = needs_tls(d, g),
		.may_xclient = networks_have(&s->smtp.xclient, &h->door.peer),
		.may_relay = d->login.n > 0 ||
			     networks_have(&s->smtp.networks, &h->door.peer),
		.lenient = handler_lenient(h),
		.message_max = s->smtp.message_max,
		.recipients_max = s->smtp.recipients_max,
		.errors_max = s->smtp.errors_max,
		.commands_max = s->smtp.commands_max,
		.text_line_max = s->smtp.text_line_max,
		.hops_max = s->smtp.hops_max,
		.logins_max = s->smtp.logins_max,
		.command_ms = (int64_t)s->smtp.command_s * 1000,
		.data_ms = (int64_t)s->smtp.data_s * 1000,
		.session_ms = (int64_t)s->smtp.session_s * 1000,
		.greet_wait_ms = warden_trusts(&d->warden)
					 ? 0
					 : (int64_t)s->smtp.greet_wait_ms,
		.tarpit_ms = warden_trusts(&d->warden) ? 0 : s->smtp.tarpit_ms,
		.tarpit_max_ms = s->smtp.tarpit_max_ms,
	};
}

/* Whom the peer speaks for has the rights it would have had by itself. */
static int stand_in(void *context, const struct peer *client,
		    struct slice login, struct smtp_config *ret)
{
	struct smtpd *d = context;

	if (client)
		proxied_stand_in(&d->handler,
				 client->kind == PEER_IP ? client : NULL,
				 "XCLIENT");
	gate_new_scene(d->gate);
	*ret = configure(d, d->gate);
	ret->login = login;
	ret->may_relay |= login.n > 0;
	warden_stand_in(&d->warden, login);
	return mailroom_stand_in(d->room, login, ret->may_relay);
}

/* Other hosts have no names here. */
static bool no_logins(const struct handler *h)
{
	return h->role == SMTP_MX;
}

static int session(struct smtpd *d, struct gate *g, struct mailroom *room)
{
	struct smtp_config config = configure(d, g);
	const struct smtp_xclient xclient = { d, stand_in };
	struct smtp_guard guard = warden_guard(&d->warden);
	struct smtp_hooks hooks;

	room->may_relay = config.may_relay;
	room->gate = g;
	d->gate = g;
	d->room = room;
	hooks = mailroom_hooks(room);
	hooks.xclient = &xclient;
	hooks.guard = &guard;
	if (!no_logins(&d->handler))
		hooks.auth = &g->hooks;
	/* behind every fork: who is forked must not hold it back */
	if (stream_heed_term() < 0 ||
	    smtp_serve(d->handler.stream, &config, &hooks) < 0)
		return PROGRAM_FAILED;
	return PROGRAM_OK;
}

/* TLS from the first octet: who cannot do it has gone, and cannot be told. */
static int behind_gate(struct smtpd *d, struct mailroom *room)
{
	struct gate g;
	int r = gate_open(&g, &d->handler);

	r = r < 0 ? PROGRAM_FAILED : session(d, &g, room);
	gate_close(&g);
	return r;
}

static int prepare(struct handler *h)
{
	struct smtpd *d = (struct smtpd *)h;
	int r = queue_become_owner(h->program.settings.queue.directory.p);

	if (r < 0)
		return r;
	d->biff = mailroom_biff(&h->program.settings);
	if (program_open_store(&h->program.settings, &d->store) < 0)
		d->store = NULL; /* the session tries again, and says why not */
	if (d->handler.role == SMTP_MX &&
	    stranger_wanted(&h->program.settings)) {
		h->filter = FENCE_SMTPD_ASKS;
		h->filter_door = FENCE_SMTPD_ASKS_DOOR;
	}
	return 0;
}

static int open_and_fence(struct smtpd *d, struct mailroom *room,
			  const char **ret_what)
{
	const struct settings *s = &d->handler.program.settings;
	int r = mailroom_open(room, s, d->store, d->biff, ret_what);

	d->store = NULL; /* the mailroom's */
	if (r < 0)
		return r;
	d->login = login_of(d);
	warden_open(&d->warden, &d->handler, d->handler.role, d->login);
	*ret_what = "a second process";
	if (d->handler.second >= 0) /* an acceptor will fork it when wanted */
		keeper_hire(room->store, d->handler.second);
	else
		r = hire_keeper(room->store, s, &room->keeper);
	if (r < 0)
		return r;
	*ret_what = "the fence";
	return handler_fence(&d->handler, FENCE_SMTP);
}

static int serve(struct handler *h)
{
	struct smtpd *d = (struct smtpd *)h;
	struct mailroom room;
	const char *what;
	int r = open_and_fence(d, &room, &what);

	r = r < 0 ? handler_cannot(h, what, r) : behind_gate(d, &room);
	warden_close(&d->warden);
	mailroom_close(&room);
	return r;
}

/* As hire_keeper's, where an acceptor forks it: what cannot be had now is not
 * to be had, and the session sees its end of the line closed. */
static void keep(struct handler *h, int fd)
{
	struct smtpd *d = (struct smtpd *)h;

	hire_for_good();
	if ((d->store ||
	     program_open_store(&h->program.settings, &d->store) == 0) &&
	    file_let_go(STDERR_FILENO) == 0 &&
	    handler_fence(h, FENCE_KEEPER) == 0)
		keeper_serve(d->store, fd);
}

static void refuse(struct handler *h)
{
	struct slice host = h->program.settings.host.name;

	smtp_refuse(h->stream, host.n > 0 ? host : SLICE("localhost"),
		    REPLY_CONFIG);
}

static void refuse_many(struct handler *h, bool of_source)
{
	smtp_refuse(h->stream, h->program.settings.host.name,
		    of_source ? REPLY_MANY_OF_SOURCE : REPLY_MANY_SESSIONS);
}

int main(int argc, char **argv)
{
	struct smtpd d = {
		.handler = {
			.program = { .name = "postern-smtpd", .usage = usage },
			.service = "smtp",
			.no_logins = no_logins,
			.names = names,
			.n_names = ARRAY_LEN(names),
			.filter = FENCE_SMTPD,
			.filter_door = FENCE_SMTPD_DOOR,
			.memory_max = MEMORY_MAX,
			.prepare = prepare,
			.states = { FENCE_SMTP, FENCE_KEEPER },
			.n_states = 2,
			.more = route_lists,
			.keep = keep,
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
