/* SPDX-License-Identifier: ISC */
/* postern-authd: says to a handler on standard input and output who somebody
 * is. The only program that reads password hashes to compare them. */
#include <pwd.h>
#include <sys/socket.h>
#include <syslog.h>

#include "auth/serve.h"
#include "base/log.h"
#include "main/door.h"
#include "main/fence.h"
#include "main/program.h"

/* yescrypt takes 16 MiB; PAM's modules what they like */
#define MEMORY_MAX ((size_t)512 << 20)

static const char usage[] =
	"Usage: postern-authd [OPTION]...\n"
	"Judge logins for postern's handlers on standard input and output.\n"
	"\n"
	"  -c, --config=FILE  configuration (" PROGRAM_CONFIG ")\n"
	"  -h, --help         show this help\n"
	"  -V, --version      show the version\n";

static const struct option options[] = { PROGRAM_OPTIONS };

static const struct log_kind refused = {
	.id = "0c5d0f6e55cf4a0d8ce6f6f1b7c09d02",
	.level = LOG_WARNING,
	.text = "a stranger asked who somebody is",
};

static bool is_client(const struct settings *s, uid_t uid)
{
	struct slice names = s->auth.clients, word;
	char name[64];

	if (uid == 0 || uid == geteuid())
		return true;
	while ((word = slice_word(&names)).n > 0) {
		const struct passwd *pw;

		(void)snprintf(name, sizeof(name), "%.*s", SLICE_ARG(word));
		pw = getpwnam(name);
		if (pw && pw->pw_uid == uid)
			return true;
	}
	return false;
}

/* The kernel says who is at the other end. */
static bool may_ask(const struct settings *s)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);
	char uid[24];

	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
		return isatty(STDIN_FILENO);
	if (is_client(s, peer.uid))
		return true;
	(void)snprintf(uid, sizeof(uid), "uid %u", (unsigned)peer.uid);
	log_event(&refused, &(struct log_field){ "PEER", slice_of(uid) }, 1);
	return false;
}

static int serve(const struct settings *s)
{
	struct stream *stream;
	int r;

	if (!may_ask(s))
		return PROGRAM_FAILED;
	r = fence_raise(MEMORY_MAX);
	if (r < 0)
		return PROGRAM_TEMPFAIL;
	stream = door_stream();
	if (!stream)
		return PROGRAM_TEMPFAIL;
	r = auth_serve(stream, s);
	stream_free(stream);
	return r < 0 ? PROGRAM_FAILED : PROGRAM_OK;
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
	if (program_start(&p, isatty(STDIN_FILENO)) < 0)
		return PROGRAM_CONFIG_BAD;
	status = serve(&p.settings);
	program_end(&p);
	return status;
}
