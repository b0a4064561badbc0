/* SPDX-License-Identifier: ISC */
/* postern-authd: the judge of logins, for one handler on standard input and
 * output. The only program that reads password hashes, or asks PAM. */
#include <poll.h>
#include <pwd.h>
#include <syslog.h>

#include "auth/pam.h"
#include "auth/sasl.h"
#include "auth/serve.h"
#include "base/log.h"
#include "main/door.h"
#include "main/fence.h"
#include "main/porter.h"
#include "main/program.h"

/* a handler of each kind may have as many sessions as its acceptor lets in */
#define HANDLERS 6

/* yescrypt takes 16 MiB, PAM's modules what they like */
#define MEMORY_MAX ((size_t)1 << 29)

static const char usage[] =
	"Usage: postern-authd [OPTION]...\n"
	"Judge logins for one session of postern-smtpd or postern-pop3d, on\n"
	"standard input and output.\n"
	"\n"
	"  -c, --config=FILE  configuration (" PROGRAM_CONFIG ")\n"
	"  -h, --help         show this help\n"
	"  -V, --version      show the version\n";

static const struct option options[] = { PROGRAM_OPTIONS };

static const struct log_kind cannot_judge = {
	.id = "b69dc906c04e69896518a88f64e24aa8",
	.level = LOG_ERR,
	.text = "cannot judge logins",
};

static int fail(const struct door *d, const char *what, int error)
{
	const struct log_field fields[] = {
		{ "PEER", slice_of(d->peer_text) },
		{ "DETAIL", slice_of(what) },
		{ "STATUS", slice_of(strerror(-error)) },
	};

	log_event(&cannot_judge, fields, ARRAY_LEN(fields));
	return PROGRAM_TEMPFAIL;
}

/* The socket's mode keeps others out already; this holds when somebody loosens
 * that. A pipe or terminal is of him who started us. */
static bool is_welcome(const struct door *d)
{
	static const char *const names[] = { "postern", "postern-pop3" };

	if (!d->socket)
		return true;
	if (d->peer.kind != PEER_UNIX)
		return false;
	if (d->peer.uid == 0 || d->peer.uid == geteuid())
		return true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct passwd *p = getpwnam(names[i]);

		if (p && p->pw_uid == d->peer.uid)
			return true;
	}
	return false;
}

/* What PAM's modules or a program of the postmaster's may need, who knows? */
static bool reads_files_only(const struct settings *s)
{
	return slice_eq(s->auth.system, SLICE("no")) &&
	       s->auth.checkpassword.n == 0;
}

static int raise_fence(const struct settings *s)
{
	return reads_files_only(s) ? fence_session(FENCE_JUDGE, s, NULL) : 0;
}

/* What is inherited by fork: once, by a session or the acceptor of all. */
static int raise_once(const struct settings *s, bool accepts)
{
	if (!reads_files_only(s))
		return fence_process(FENCE_NO_FILTER, MEMORY_MAX);
	return fence_process(accepts ? FENCE_AUTHD_DOOR : FENCE_AUTHD,
			     MEMORY_MAX);
}

/* Some are started before anybody asks, and Landlock's rules bind to the files
 * that are there when they are made: so that is when somebody does. What comes
 * is read behind them. False: nobody will. */
static bool await(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&p, 1, AUTH_SERVE_IDLE_MS) != 0;
}

static int session(const struct door *d, const struct settings *settings)
{
	struct stream *s = door_stream();
	int r;

	if (!await()) {
		stream_free(s);
		return PROGRAM_OK;
	}
	r = s ? raise_fence(settings) : -ENOMEM;
	if (r < 0)
		return fail(d, "the fence", r);
	r = auth_serve(s, settings);
	stream_free(s);
	return r < 0 && r != -EIO ? fail(d, "the session", r) : PROGRAM_OK;
}

static int serve(struct program *p)
{
	struct door d;

	if (door_open(NULL, &d) < 0)
		return PROGRAM_TEMPFAIL;
	if (is_welcome(&d))
		return session(&d, &p->settings);
	return fail(&d, "the caller is none of our programs", -EPERM);
}

/* ---- behind a listening socket ---- */

struct accepting {
	struct program *program;
	int started;
};

/* Before the first fork: what is there costs each of them a sixth of what it
 * costs a login to load it. PAM's own modules cost more than it does, so where
 * only some are the system's accounts it waits for them (doc/auth.md). */
static void load_for_all(const struct settings *s, bool wanted)
{
	/* what is missing is said by the login that needs it */
	if (wanted)
		(void)sasl_module();
	if (slice_eq(s->auth.system, SLICE("only")))
		(void)pam_module();
}

static void load(void *context, bool wanted, struct watch *w,
		 struct acceptor_terms *ret)
{
	struct accepting *a = context;
	struct program *p = a->program;

	acceptor_watch_config(w, program_config(p));
	a->started = program_start(p, isatty(STDERR_FILENO));
	if (a->started < 0) /* for the terms; nobody is served with them */
		ignore(settings_default(p->arena, &p->settings));
	else /* behind a broken fence nobody is served either */
		a->started = raise_once(&p->settings, true);
	if (a->started == 0)
		load_for_all(&p->settings, wanted);
	*ret = acceptor_terms_of(&p->settings);
	ret->limits.all *= HANDLERS;
}

static int serve_accepted(void *context, struct acceptor_ends ends)
{
	const struct accepting *a = context;
	bool had_it = sasl_is_loaded();
	int status;

	(void)ends; /* it has none */
	if (a->started < 0)
		return PROGRAM_CONFIG_BAD;
	status = serve(a->program);
	return status == PROGRAM_OK && sasl_is_loaded() && !had_it
		       ? ACCEPTOR_LOADED
		       : status;
}

static int accept_all(struct program *p, const struct listeners *l,
		      char *const *argv)
{
	struct accepting a = { .program = p };
	const struct acceptor_job job = {
		.name = p->name,
		.context = &a,
		.argv = argv,
		.load = load,
		.serve = serve_accepted,
	};

	return porter_run(&job, l);
}

static int run(struct program *p, char *const *argv)
{
	struct listeners l;
	int n = listeners_find(&l);

	if (n < 0)
		program_no_manager(p);
	if (n > 0)
		return accept_all(p, &l, argv);
	if (program_start(p, false) < 0 || raise_once(&p->settings, false) < 0)
		return PROGRAM_CONFIG_BAD;
	return serve(p);
}

int main(int argc, char **argv)
{
	struct program p = { .name = "postern-authd", .usage = usage };
	int c, status;

	while ((c = getopt_long(argc, argv, PROGRAM_LETTERS, options, NULL)) !=
	       -1)
		if (!program_option(&p, c))
			program_usage(&p, NULL);
	if (optind != argc)
		program_usage(&p, "too many arguments");
	status = run(&p, argv);
	program_end(&p);
	return status;
}
