/* SPDX-License-Identifier: ISC */
/* postern-authd: the judge of logins, for one handler on standard input and
 * output. The only program that reads password hashes, or asks PAM. */
#include <pwd.h>
#include <syslog.h>

#include "auth/serve.h"
#include "base/log.h"
#include "main/door.h"
#include "main/fence.h"
#include "main/program.h"

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
	bool files = reads_files_only(s);
	int r = fence_process(files ? FENCE_AUTHD : FENCE_NO_FILTER,
			      MEMORY_MAX);

	if (r < 0 || !files)
		return r;
	return fence_session(FENCE_JUDGE, s, NULL);
}

static int session(const struct door *d, const struct settings *settings)
{
	struct stream *s = door_stream();
	int r = s ? raise_fence(settings) : -ENOMEM;

	if (r < 0)
		return fail(d, "the fence", r);
	r = auth_serve(s, settings);
	stream_free(s);
	return r < 0 && r != -EIO ? fail(d, "the session", r) : PROGRAM_OK;
}

int main(int argc, char **argv)
{
	struct program p = { .name = "postern-authd", .usage = usage };
	struct door d = { .socket = false };
	int c, status;

	while ((c = getopt_long(argc, argv, PROGRAM_LETTERS, options, NULL)) !=
	       -1)
		if (!program_option(&p, c))
			program_usage(&p, NULL);
	if (optind != argc)
		program_usage(&p, "too many arguments");
	if (door_open(NULL, &d) < 0)
		return PROGRAM_TEMPFAIL;
	if (program_start(&p, false) < 0)
		status = PROGRAM_CONFIG_BAD;
	else if (!is_welcome(&d))
		status = fail(&d, "the caller is none of our programs", -EPERM);
	else
		status = session(&d, &p.settings);
	program_end(&p);
	return status;
}
