/* SPDX-License-Identifier: ISC */
/* postern-smtpd: one SMTP session on standard input and output. */
#include <pwd.h>

#include "main/fence.h"
#include "main/handler.h"
#include "main/mailroom.h"

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
	"  -t, --tls          begin with a TLS handshake, before the banner\n"
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
	enum smtp_role role;
	char login[64];
};

static const char *const roles[] = {
	[SMTP_MX] = "mx",
	[SMTP_SUBMISSION] = "submission",
	[SMTP_LOCAL] = "local",
};

static void set_role(struct smtpd *d, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (strcmp(name, roles[i]) == 0) {
			d->role = (enum smtp_role)i;
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

	if (d->role != SMTP_LOCAL || peer->kind != PEER_UNIX)
		return SLICE_NONE;
	pw = getpwuid(peer->uid);
	if (!pw)
		return SLICE_NONE;
	(void)snprintf(d->login, sizeof(d->login), "%s", pw->pw_name);
	return slice_of(d->login);
}

static struct smtp_config configure(struct smtpd *d)
{
	const struct handler *h = &d->handler;
	const struct settings *s = &h->program.settings;
	struct slice login = login_of(d);

	return (struct smtp_config){
		.role = d->role,
		.host = s->host.name,
		.peer_ip = slice_of(h->door.peer_ip),
		.peer_literal = slice_of(h->door.peer_literal),
		.login = login,
		.session = slice_of(h->session),
		.may_relay = login.n > 0 ||
			     networks_have(&s->smtp.networks, &h->door.peer),
		.lenient = handler_lenient(h),
		.message_max = s->smtp.message_max,
		.recipients_max = s->smtp.recipients_max,
		.errors_max = s->smtp.errors_max,
		.commands_max = s->smtp.commands_max,
		.text_line_max = s->smtp.text_line_max,
		.hops_max = s->smtp.hops_max,
		.command_ms = (int64_t)s->smtp.command_s * 1000,
		.data_ms = (int64_t)s->smtp.data_s * 1000,
		.session_ms = (int64_t)s->smtp.session_s * 1000,
		.logins_max = s->smtp.logins_max,
		.tls = h->guard.in_tls ? &h->guard.info : NULL,
		.need_tls = d->role == SMTP_SUBMISSION && s->smtp.require_tls &&
			    !guard_cleartext(&h->guard),
		.greet_wait_ms = (int64_t)s->smtp.greet_wait_ms,
	};
}

static int serve(struct handler *h)
{
	struct smtp_config config;
	struct mailroom room;
	struct smtp_hooks hooks;
	const char *what;
	int r;

	if (handler_guard(h, NULL,
			  (int64_t)h->program.settings.smtp.command_s * 1000) <
	    0)
		return PROGRAM_FAILED;
	config = configure((struct smtpd *)h);
	r = mailroom_open(&room, &h->program.settings, &what);
	if (r == 0) {
		what = "the fence";
		r = fence_raise(MEMORY_MAX);
	}
	if (r == 0) {
		room.may_relay = config.may_relay;
		room.guard = &h->guard;
		hooks = mailroom_hooks(&room);
		r = smtp_serve(h->stream, &config, &hooks) < 0 ? PROGRAM_FAILED
							       : PROGRAM_OK;
	} else {
		r = handler_cannot(h, what, r);
	}
	mailroom_close(&room);
	return r;
}

static void refuse(struct handler *h)
{
	struct slice host = h->program.settings.host.name;

	smtp_refuse(h->stream, host.n > 0 ? host : SLICE("localhost"),
		    REPLY_CONFIG);
}

int main(int argc, char **argv)
{
	struct smtpd d = {
		.handler = {
			.program = { .name = "postern-smtpd", .usage = usage },
			.serve = serve,
			.refuse = refuse,
		},
	};

	read_options(&d, argc, argv);
	return handler_run(&d.handler);
}
