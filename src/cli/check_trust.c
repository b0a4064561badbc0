/* SPDX-License-Identifier: ISC */
/* `postern check`: the files that rates and greylisting count in. Mail goes on
 * without them, so nobody else says that they are not to be had. */
#include "cli/check.h"
#include "cli/rights.h"

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

void check_trust(const struct settings *s, struct report *r)
{
	if (s->rates.file.n > 0 && has_rates(s))
		check_file(s->rates.file.p, "nothing is counted", r);
	if (s->greylist.everybody || s->trust.greylist_lists.n > 0 ||
	    slice_eq(s->trust.helo, SLICE("greylist")) ||
	    slice_eq(s->trust.reverse, SLICE("greylist")))
		check_file(s->greylist.file.p, "nobody is greylisted", r);
}
