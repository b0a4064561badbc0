/* SPDX-License-Identifier: ISC */
/* A write torn in its middle: the tail of a killed append cut at every byte,
 * with and without foreign mail behind it, named and not. */
#include "desk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define ONE "Subject: one\n\nbody of one\n"
#define TWO "Subject: two\n\nbody of two\n"

static const char foreign[] = "From x@y Mon Nov 23 07:15:03 2026\n"
			      "Subject: far\n\nbody of far\n\n";

struct torn {
	char path[64], file[128];
	const char *name;
	struct store *store;
	off_t before, full;
};

static off_t size_of(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 ? st.st_size : -1;
}

/* Kill an append of TWO at step k. */
static void kill_at(struct torn *t, int k, const char *once)
{
	pid_t pid = fork();
	int status;

	cr_assert(pid >= 0);
	if (pid == 0) {
		desk_trouble(k, 0);
		_exit(desk_append(t->store, t->name, TWO, once) == 0 ? 0 : 1);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(WEXITSTATUS(status), 9);
}

static void begin(struct torn *t, int number)
{
	(void)snprintf(t->file, sizeof(t->file), "%s/b%d", t->path, number);
	t->name = strrchr(t->file, '/') + 1;
	cr_assert_eq(desk_append(t->store, t->name, ONE, ""), 0);
	t->before = size_of(t->file);
}

/* The first step at which all of the message is written and nothing synced. */
static int step_behind_write(struct torn *t, const char *once)
{
	for (int k = 1; k < 60; k++) {
		begin(t, 100000 + k + (once[0] ? 1000 : 0));
		kill_at(t, k, once);
		t->full = size_of(t->file);
		if (t->full > t->before)
			return k;
	}
	cr_assert_fail("nothing was ever written");
	return 0;
}

static void put_foreign(const struct torn *t)
{
	int fd = open(t->file, O_WRONLY | O_APPEND);

	cr_assert_eq(write(fd, foreign, sizeof(foreign) - 1),
		     (ssize_t)sizeof(foreign) - 1);
	close(fd);
}

static void cut_everywhere(const char *once, bool others)
{
	struct torn t = { .store = NULL };
	int k;

	t.store = desk_store(t.path, 1000);
	k = step_behind_write(&t, once);
	for (off_t cut = t.before + 1; cut < t.full; cut++) {
		begin(&t, (int)cut);
		kill_at(&t, k, once);
		cr_assert_eq(truncate(t.file, cut), 0);
		if (others)
			put_foreign(&t);
		cr_assert_eq(desk_count(t.store, t.name, "one"), 1, "%ld",
			     (long)cut);
		cr_assert_eq(desk_count(t.store, t.name, "two"), 0, "%ld",
			     (long)cut);
		cr_assert_eq(desk_count(t.store, t.name, "far"), others, "%ld",
			     (long)cut);
		/* whoever named it tries again, and it is there once */
		cr_assert_eq(desk_append(t.store, t.name, TWO, once), 0);
		cr_assert_eq(desk_count(t.store, t.name, "far"), others);
		cr_assert_eq(desk_count(t.store, t.name, "one"), 1);
	}
	store_close(t.store);
}

Test(torn, nobody_behind, .timeout = 120)
{
	cut_everywhere("", false);
}

Test(torn, named, .timeout = 120)
{
	cut_everywhere("q:1", false);
}

Test(torn, foreign_mail_behind, .timeout = 120)
{
	cut_everywhere("", true);
}

Test(torn, named_with_foreign_mail_behind, .timeout = 120)
{
	cut_everywhere("q:1", true);
}
