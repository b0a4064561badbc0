/* SPDX-License-Identifier: ISC */
/* `postern check`: whether the handlers may use what lies in the queue and
 * beside the mailboxes already. Who made it by hand may have been root. */
#include <dirent.h>
#include <pwd.h>
#include <sys/stat.h>

#include "cli/check.h"
#include "cli/rights.h"
#include "cli/shown.h"

#define DEEPEST  3 /* folders of mailboxes */
#define ACCOUNTS 2

/* For whom, and what was found that he may not use. */
struct look {
	struct rights who[ACCOUNTS];
	size_t n_who;
	size_t found;
	char first[PATH_MAX];
	const char *account; /* who may not use it */
};

/* Root asks for the accounts, others for themselves. */
static bool may_use(struct look *l, const char *path, const struct stat *st)
{
	unsigned want = S_ISDIR(st->st_mode) ? 7 : 6;

	if (geteuid() != 0)
		return access(path, (int)want) == 0;
	for (size_t i = 0; i < l->n_who; i++)
		if (!rights_allow(&l->who[i], st, want)) {
			l->account = l->who[i].name;
			return false;
		}
	return true;
}

static void look_at(struct look *l, const char *path, const struct stat *st)
{
	if (may_use(l, path, st))
		return;
	if (l->found++ == 0)
		(void)snprintf(l->first, sizeof(l->first), "%s", path);
}

/* A name in it; false: none that is of any interest. */
static bool inner(const char *path, const struct dirent *e, char ret[PATH_MAX],
		  struct stat *ret_st)
{
	return e->d_name[0] != '.' &&
	       snprintf(ret, PATH_MAX, "%s/%s", path, e->d_name) < PATH_MAX &&
	       lstat(ret, ret_st) == 0 &&
	       (S_ISREG(ret_st->st_mode) || S_ISDIR(ret_st->st_mode));
}

static void look_in(struct look *l, const char *path, unsigned depth)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	char name[PATH_MAX];
	struct stat st;

	while (d && (e = readdir(d))) {
		if (!inner(path, e, name, &st))
			continue;
		look_at(l, name, &st);
		if (S_ISDIR(st.st_mode) && depth > 0)
			look_in(l, name, depth - 1);
	}
	if (d)
		(void)closedir(d); /* was only read */
}

static void say(const struct look *l, const char *remedy, struct report *r)
{
	char more[64] = "", first[SHOWN_MAX];

	if (l->found > 1)
		(void)snprintf(more, sizeof(more), ", nor %zu more",
			       l->found - 1);
	/* whoever may write there gave it its name */
	(void)shown_text(slice_of(l->first), first);
	if (l->found > 0 && l->account)
		report_broken(r, first, 0, remedy,
			      "the account %s may not use it%s", l->account,
			      more);
	else if (l->found > 0)
		report_broken(r, first, 0, remedy, "we may not use it%s", more);
}

/* ---- the queue ---- */

static size_t names_in(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	size_t n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		(void)closedir(d); /* was only read */
	return n;
}

static void check_bad(const char *path, struct report *r)
{
	char bad[PATH_MAX];
	size_t n;

	(void)snprintf(bad, sizeof(bad), "%s/bad", path);
	n = names_in(bad);
	if (n > 0)
		report_doubtful(r, bad, 0,
				"look at what the log says of each, then "
				"remove it: postern-queue(5)",
				"%zu %s could not be understood", n,
				n == 1 ? "file" : "files");
}

/* Handlers and root work there as the owner of the directory. */
void check_queue_inside(const char *path, const struct stat *top,
			struct report *r)
{
	static const char *const parts[] = { "new", "due", "hosts", "tmp" };
	const struct passwd *pw = getpwuid(top->st_uid);
	char owner[64], name[PATH_MAX], remedy[PATH_MAX + 64];
	struct look l = { .n_who = 1 };

	(void)snprintf(owner, sizeof(owner), "%u", (unsigned)top->st_uid);
	if (pw)
		(void)snprintf(owner, sizeof(owner), "%s", pw->pw_name);
	l.who[0] = (struct rights){ .name = owner, .uid = top->st_uid };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		(void)snprintf(name, sizeof(name), "%s/%s", path, parts[i]);
		look_in(&l, name, 1);
	}
	(void)snprintf(remedy, sizeof(remedy), "chown -R %s %s", owner, path);
	say(&l, remedy, r);
	check_bad(path, r);
}

/* ---- beside the mailboxes ---- */

static void look_beside(struct look *l, const char *path, unsigned depth)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	char name[PATH_MAX];
	struct stat st;

	if (snprintf(name, sizeof(name), "%s/.postern", path) < PATH_MAX &&
	    lstat(name, &st) == 0 && S_ISDIR(st.st_mode)) {
		look_at(l, name, &st);
		look_in(l, name, 0);
	}
	while (d && depth > 0 && (e = readdir(d)))
		if ((e->d_type == DT_DIR || e->d_type == DT_UNKNOWN) &&
		    inner(path, e, name, &st) && S_ISDIR(st.st_mode))
			look_beside(l, name, depth - 1);
	if (d)
		(void)closedir(d); /* was only read */
}

void check_store_inside(const char *path, struct report *r)
{
	static const char *const accounts[ACCOUNTS] = { "postern",
							"postern-pop3" };
	struct look l = { .n_who = 0 };

	for (size_t i = 0; i < ARRAY_LEN(accounts); i++)
		if (rights_of(accounts[i], &l.who[l.n_who]) == 0)
			l.n_who++;
	look_beside(&l, path, DEEPEST);
	say(&l,
	    "chgrp -R mail and chmod -R g+rwX the directory .postern that it "
	    "is in",
	    r);
}
