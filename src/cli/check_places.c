/* SPDX-License-Identifier: ISC */
/* `postern check`: the mail and the queue directory. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/landlock.h"
#include "cli/check.h"
#include "cli/rights.h"

#define REMEDY_MAX 4400

/* Who works there. */
static const char handlers[] = "postern";

/* With a path in it. */
static const char *remedy(char ret[REMEDY_MAX], const char *what,
			  const char *path)
{
	(void)snprintf(ret, REMEDY_MAX, "%s %s", what, path);
	return ret;
}

static bool is_below(struct slice path, struct slice top)
{
	return slice_starts(path, top) &&
	       (path.n == top.n || path.p[top.n] == '/');
}

/* systemd-tmpfiles makes those of the default settings alone. */
static const char *how_to_make(const char *path, char ret[REMEDY_MAX])
{
	static const char *const usual[] = { "/var/mail",
					     "/var/spool/postern" };

	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		if (is_below(slice_of(path), slice_of(usual[i])))
			return "systemd-tmpfiles --create postern.conf, or "
			       "make it by hand";
	return remedy(ret, "make it, for the account postern: mkdir -p", path);
}

/* False where the rest need not be looked at. */
static bool is_directory(const char *path, struct report *r, struct stat *ret)
{
	char fix[REMEDY_MAX];

	if (stat(path, ret) < 0) {
		report_broken(r, path, 0, how_to_make(path, fix), "%s",
			      strerror(errno));
		return false;
	}
	if (S_ISDIR(ret->st_mode))
		return true;
	report_broken(r, path, 0, remedy(fix, "move away", path),
		      "this is no directory");
	return false;
}

/* Root asks for the account of the handlers, others for themselves. */
static void check_writable(const char *path, const struct stat *st,
			   struct report *r)
{
	struct rights a;

	if (geteuid() != 0) {
		if (faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0)
			report_broken(r, path, 0,
				      "run this as root, or look at its owner "
				      "and mode",
				      "we may not write there");
		return;
	}
	if (rights_of(handlers, &a) == 0 && !rights_allow(&a, st, 3))
		report_broken(r, path, 0, "look at its owner, group and mode",
			      "the account %s may not write there", handlers);
}

static void check_account(struct report *r)
{
	struct rights a;

	if (geteuid() == 0 && rights_of(handlers, &a) < 0)
		report_doubtful(r, NULL, 0, "run systemd-sysusers",
				"there is no account %s for the handlers",
				handlers);
}

static void check_kernel(struct report *r)
{
	if (landlock_version() == 0)
		report_doubtful(r, NULL, 0,
				"Linux since 5.19, and landlock among its lsm=",
				"this kernel has no Landlock: only modes and "
				"owners keep a session from files");
}

static void check_store(const char *path, struct report *r)
{
	char fix[REMEDY_MAX];
	struct stat st;

	if (!is_directory(path, r, &st))
		return;
	check_writable(path, &st, r);
	if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
		report_doubtful(r, path, 0, remedy(fix, "chmod o-w", path),
				"everybody may remove mailboxes there");
	/* others have been told to ask as root */
	if (geteuid() == 0 || access(path, W_OK | X_OK) == 0)
		check_store_inside(path, r);
}

/* Mail moves between them by rename(2). */
static void check_parts(const char *path, const struct stat *top,
			struct report *r)
{
	static const char *const parts[] = { "tmp", "new", "due", "hosts",
					     "bad" };
	char part[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		(void)snprintf(part, sizeof(part), "%s/%s", path, parts[i]);
		if (!is_directory(part, r, &st))
			continue;
		check_writable(part, &st, r);
		if (st.st_dev != top->st_dev)
			report_broken(
				r, part, 0, "the queue needs one file system",
				"lies on another file system than %s", path);
	}
}

static void check_queue(const char *path, struct report *r)
{
	char fix[REMEDY_MAX];
	struct stat st;

	if (!is_directory(path, r, &st))
		return;
	check_writable(path, &st, r);
	if (st.st_mode & 0007)
		report_doubtful(r, path, 0, remedy(fix, "chmod o=", path),
				"everybody may look at waiting mail");
	if (geteuid() != 0 && access(path, X_OK) < 0)
		return;
	check_parts(path, &st, r);
	check_queue_inside(path, &st, r);
}

void check_directories(const struct settings *s, struct report *r)
{
	check_account(r);
	check_kernel(r);
	check_store(s->store.directory.p, r);
	check_queue(s->queue.directory.p, r);
}
