/* SPDX-License-Identifier: ISC */
/* `postern check`: the files that rates and greylisting count in, and the name
 * server that is asked about strangers. Mail goes on without them. */
#include "cli/check.h"
#include "cli/rights.h"
#include "net/dns_many.h"
#include "trust/inquiry.h"

#define ANSWER_MAX ((size_t)1 << 16)

/* Who counts. */
static const char handlers[] = "postern";

/* systemd-tmpfiles makes the directories of the default settings alone. */
static const char *remedy_of(const char *path)
{
	static const char *const usual[] = { "/run/postern/",
					     "/var/lib/postern/" };

	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		if (slice_starts(slice_of(path), slice_of(usual[i])))
			return "systemd-tmpfiles --create postern.conf, or "
			       "give it a directory of the handlers' own";
	return "give it a directory of the handlers' own";
}

/* The directory that a file is in. */
static bool directory_of(const char *path, char ret[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int n = slash == path ? 1 : (int)(slash - path);

	return n < PATH_MAX &&
	       snprintf(ret, PATH_MAX, "%.*s", n, path) < PATH_MAX;
}

/* Root asks for the account of the handlers, others for themselves. */
static bool may_write(const char *directory, const struct stat *st)
{
	struct rights a;

	if (geteuid() != 0)
		return access(directory, W_OK | X_OK) == 0;
	return rights_of(handlers, &a) < 0 || rights_allow(&a, st, 3);
}

static void check_file(const char *path, const char *what, struct report *r)
{
	char directory[PATH_MAX];
	struct stat st;

	if (!directory_of(path, directory))
		return;
	if (stat(directory, &st) < 0)
		report_doubtful(r, path, 0, remedy_of(path), "%s: %s", what,
				strerror(errno));
	else if (!may_write(directory, &st))
		report_doubtful(r, path, 0, remedy_of(path),
				"%s: the handlers may not write in %s", what,
				directory);
}

static bool has_rates(const struct settings *s)
{
	return s->rates.connections.n + s->rates.messages.n +
		       s->rates.recipients.n + s->rates.failed_recipients.n +
		       s->rates.user_messages.n + s->rates.user_recipients.n >
	       0;
}

/* Any answer will do; that there is no such name is one. */
static bool answers(struct dns *d, uint64_t wait_ms)
{
	struct dns_question q = { .name = SLICE("1.0.0.127.in-addr.arpa"),
				  .type = DNS_PTR };
	struct arena *arena = arena_new(ANSWER_MAX);

	if (arena)
		dns_ask_many(d, &q, 1, (int64_t)wait_ms, arena);
	arena_free(arena);
	return arena && q.outcome != DNS_AGAIN && q.outcome != DNS_BROKEN;
}

static void check_dns(const struct settings *s, struct report *r)
{
	const char *server = s->dns.server.n > 0 ? s->dns.server.p : NULL;
	struct dns *d = NULL;

	if (dns_new(server, 1, &d) < 0 || !answers(d, s->trust.wait_ms))
		report_doubtful(r, server ? server : "/etc/resolv.conf", 0,
				"start a resolver of your own, or name one "
				"under server in [dns]",
				"no name server answers: strangers are held "
				"up neither by lists nor by their names");
	dns_free(d);
}

void check_trust(const struct settings *s, struct report *r)
{
	if (s->rates.file.n > 0 && has_rates(s))
		check_file(s->rates.file.p, "nothing is counted", r);
	if (s->greylist.everybody || s->trust.greylist_lists.n > 0 ||
	    slice_eq(s->trust.helo, SLICE("greylist")) ||
	    slice_eq(s->trust.reverse, SLICE("greylist")))
		check_file(s->greylist.file.p, "nobody is greylisted", r);
	if (inquiry_wanted(s))
		check_dns(s, r);
}
