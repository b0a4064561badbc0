/* SPDX-License-Identifier: ISC */
/* postern-pop3d: one POP3 session on standard input and output. */
#include "auth/auth.h"
#include "main/fence.h"
#include "main/handler.h"
#include "pop3/session.h"

/* yescrypt takes 16 MiB; the list of a mailbox of a million messages more */
#define MEMORY_MAX ((size_t)1 << 30)
#define LOGIN_MAX  ((size_t)128 << 10)

static const char usage[] =
	"Usage: postern-pop3d [OPTION]...\n"
	"Serve one POP3 session on standard input and output.\n"
	"\n"
	"  -c, --config=FILE  configuration (" PROGRAM_CONFIG ")\n"
	"  -p, --peer=IP      take the peer for this address\n"
	"  -s, --strict       want CRLF even from a file, pipe or terminal\n"
	"  -h, --help         show this help\n"
	"  -V, --version      show the version\n"
	"\n"
	"To debug: postern-pop3d < session.txt\n";

static const struct option options[] = { HANDLER_OPTIONS };

struct pop3d {
	struct handler handler; /* first: serve() gets it */
	struct store *store;
	struct arena *login;
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

static enum pop3_login login_of_open(int r, int64_t wait_ms)
{
	switch (r) {
	case 0:
		return POP3_LOGIN_OK;
	case -EBUSY:
		return wait_ms > 0 ? POP3_LOGIN_DELAY : POP3_LOGIN_IN_USE;
	case -EAGAIN:
		return POP3_LOGIN_IN_USE;
	case -EBADMSG:
	case -EACCES:
	case -ELOOP:
	case -EMLINK:
	case -EINVAL:
		return POP3_LOGIN_PERM;
	default:
		return POP3_LOGIN_TEMP;
	}
}

static enum pop3_login login(void *context, struct slice name,
			     struct slice password, struct maildrop **ret)
{
	struct pop3d *d = context;
	const struct settings *s = &d->handler.program.settings;
	struct user user;
	int64_t wait_ms = 0;
	int r;

	arena_reset(d->login);
	switch (auth_password(s->users.file.p, name, password, d->login,
			      &user)) {
	case AUTH_NO:
		return POP3_LOGIN_NO;
	case AUTH_AGAIN:
		return POP3_LOGIN_TEMP;
	case AUTH_YES:
		break;
	}
	r = maildrop_open(d->store, user.mailbox,
			  (int64_t)s->pop3.login_delay_s * 1000, ret, &wait_ms);
	return login_of_open(r, wait_ms);
}

static int session(struct pop3d *d)
{
	const struct handler *h = &d->handler;
	const struct settings *s = &h->program.settings;
	const struct pop3_hooks hooks = { .context = d, .login = login };
	const struct pop3_config config = {
		.host = s->host.name,
		.peer_ip = slice_of(h->door.peer_ip),
		.session = slice_of(h->session),
		.logins_max = s->pop3.logins_max,
		.login_delay_s = s->pop3.login_delay_s,
		.idle_ms = (int64_t)s->pop3.idle_s * 1000,
		.session_ms = (int64_t)s->pop3.session_s * 1000,
		.lenient = handler_lenient(h),
		.plain_ok = true,
	};

	return pop3_serve(h->stream, &config, &hooks) < 0 ? PROGRAM_FAILED
							  : PROGRAM_OK;
}

static int serve(struct handler *h)
{
	struct pop3d *d = (struct pop3d *)h;
	int r = program_open_store(&h->program.settings, &d->store);

	if (r < 0)
		return handler_cannot(h, "the mail directory", r);
	r = fence_raise(MEMORY_MAX);
	if (r < 0)
		return handler_cannot(h, "the fence", r);
	d->login = arena_new(LOGIN_MAX);
	if (!d->login)
		return handler_cannot(h, "memory", -ENOMEM);
	return session(d);
}

static void refuse(struct handler *h)
{
	pop3_refuse(h->stream, "not now, this server has a problem of its own");
}

int main(int argc, char **argv)
{
	struct pop3d d = {
		.handler = {
			.program = { .name = "postern-pop3d", .usage = usage },
			.serve = serve,
			.refuse = refuse,
		},
	};
	int status;

	read_options(&d, argc, argv);
	status = handler_run(&d.handler);
	store_close(d.store);
	arena_free(d.login);
	return status;
}
