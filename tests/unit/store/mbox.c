/* SPDX-License-Identifier: ISC */
/* Appending: whole or not at all, whatever happens at whatever step. */
#include "desk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define ONE "Subject: one\n\nbody of one\n"
#define TWO "Subject: two\n\nbody of two\n"

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT, 0660);

	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

Test(mbox, appends_and_makes)
{
	char path[64];
	struct store *s = desk_store(path, DESK_WAIT_MS);

	cr_assert_eq(desk_append(s, "alice", ONE, ""), 0);
	cr_assert_eq(desk_append(s, "alice", TWO, ""), 0);
	cr_assert_eq(desk_append(s, "example.org/bob", ONE, ""), 0);
	cr_assert_eq(desk_count(s, "alice", "one"), 1);
	cr_assert_eq(desk_count(s, "alice", "two"), 1);
	cr_assert_eq(desk_count(s, "example.org/bob", "one"), 1);
	store_close(s);
}

Test(mbox, named_delivery_is_done_once)
{
	char path[64];
	struct store *s = desk_store(path, DESK_WAIT_MS);

	cr_assert_eq(desk_append(s, "alice", ONE, "q1:0"), 0);
	cr_assert_eq(desk_append(s, "alice", ONE, "q1:0"), 0);
	cr_assert_eq(desk_count(s, "alice", "one"), 1);
	cr_assert_eq(mbox_append_forget(s, SLICE("alice"), SLICE("q1:0")), 0);
	cr_assert_eq(desk_append(s, "alice", ONE, "q1:0"), 0);
	cr_assert_eq(desk_count(s, "alice", "one"), 2);
	store_close(s);
}

Test(mbox, fails_whole_at_every_step)
{
	static const int errors[] = { -ENOSPC, -EIO };
	char path[64], name[32];
	struct store *s = desk_store(path, 200);

	for (int k = 1; k < 60; k++) {
		int r, steps;

		(void)snprintf(name, sizeof(name), "box%d", k);
		cr_assert_eq(desk_append(s, name, ONE, ""), 0);
		desk_trouble(k, errors[k % 2]);
		r = desk_append(s, name, TWO, "");
		steps = desk_steps();
		desk_no_trouble();
		cr_assert_eq(desk_count(s, name, "one"), 1, "step %d", k);
		cr_assert_eq(desk_count(s, name, "two"), r == 0, "step %d: %d",
			     k, r);
		if (steps < k)
			break;
		cr_assert(k < 59);
	}
	store_close(s);
}

static int crash_in(int k, struct store *s, const char *name, const char *once)
{
	int status;
	pid_t pid = fork();

	cr_assert(pid >= 0);
	if (pid == 0) {
		desk_trouble(k, 0);
		_exit(desk_append(s, name, TWO, once) == 0 ? 0 : 1);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

Test(mbox, survives_a_crash_at_every_step, .timeout = 120)
{
	static const char *const onces[] = { "", "q:1" };
	char path[64], name[32];
	struct store *s = desk_store(path, 1000);

	for (size_t o = 0; o < 2; o++) {
		int exit = 9, two;

		for (int k = 1; exit == 9; k++) {
			(void)snprintf(name, sizeof(name), "b%zu-%d", o, k);
			cr_assert_eq(desk_append(s, name, ONE, ""), 0);
			exit = crash_in(k, s, name, onces[o]);
			cr_assert(exit == 0 || exit == 9);
			cr_assert_eq(desk_count(s, name, "one"), 1, "%s", name);
			if (o == 1) /* whoever named it tries again */
				cr_assert_eq(desk_append(s, name, TWO, "q:1"),
					     0);
			/* whole but not acknowledged it may be there */
			two = desk_count(s, name, "two");
			cr_assert(exit == 0 || o == 1 ? two == 1
						      : two == 0 || two == 1,
				  "%s: %d", name, two);
		}
	}
	store_close(s);
}

/* Foreign mail behind a torn append of ours stays, at every step. */
Test(mbox, keeps_what_others_put_behind_a_torn_append, .timeout = 120)
{
	static const char foreign[] = "From x@y Mon Nov 23 07:15:03 2026\n"
				      "Subject: far\n\nbody of far\n\n";
	char path[64], file[128];
	struct store *s = desk_store(path, 1000);
	int exit = 9;

	for (int k = 1; exit == 9; k++) {
		int fd, two;

		(void)snprintf(file, sizeof(file), "%s/b%d", path, k);
		cr_assert_eq(desk_append(s, strrchr(file, '/') + 1, ONE, ""),
			     0);
		exit = crash_in(k, s, strrchr(file, '/') + 1, "");
		fd = open(file, O_WRONLY | O_APPEND);
		cr_assert_eq(write(fd, foreign, sizeof(foreign) - 1),
			     (ssize_t)sizeof(foreign) - 1);
		close(fd);
		cr_assert_eq(desk_count(s, strrchr(file, '/') + 1, "one"), 1);
		cr_assert_eq(desk_count(s, strrchr(file, '/') + 1, "far"), 1,
			     "step %d", k);
		two = desk_count(s, strrchr(file, '/') + 1, "two");
		cr_assert(exit == 0 ? two == 1 : two == 0 || two == 1,
			  "step %d", k);
	}
	store_close(s);
}

static int on_sync(void *context, const char *step)
{
	if (strcmp(step, "sync") != 0)
		return 0;
	file_set_hook(NULL, NULL);
	put(context, "From x@y Mon Nov 23 07:15:03 2026\nSubject: far\n\n"
		     "body of far\n\n");
	return -EIO;
}

/* A refused one is taken out from between two of others', the first of which
 * had no line end. */
Test(mbox, takes_back_what_others_have_appended_to)
{
	char path[64], file[80];
	struct store *s = desk_store(path, DESK_WAIT_MS);

	(void)snprintf(file, sizeof(file), "%s/alice", path);
	cr_assert_eq(desk_append(s, "alice", ONE, ""), 0);
	put(file, "From x@y Mon Nov 23 07:15:03 2026\nSubject: open\n\n"
		  "body of open");
	file_set_hook(on_sync, file);
	cr_assert_eq(desk_append(s, "alice", TWO, ""), -EIO);
	cr_expect_eq(desk_count(s, "alice", "open"), 1);
	cr_expect_eq(desk_count(s, "alice", "two"), 0);
	cr_expect_eq(desk_count(s, "alice", "far"), 1);
	store_close(s);
}

/* Somebody emptied it by `echo > mailbox`. */
Test(mbox, begins_behind_empty_lines)
{
	static char lines[10000];
	static const char *const starts[] = { "\n", "\r\n", "\n\n\n", lines };
	char path[64], file[80];
	struct store *s = desk_store(path, 100);

	/* a CR behind a block's end */
	for (size_t i = 0; i + 1 < sizeof(lines); i++)
		lines[i] = i % 3 == 0 ? '\r' : '\n';
	(void)snprintf(file, sizeof(file), "%s/alice", path);
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		put(file, starts[i]);
		cr_expect_eq(desk_count(s, "alice", "one"), 0, "row %zu", i);
		cr_expect_eq(desk_append(s, "alice", ONE, ""), 0, "row %zu", i);
		cr_expect_eq(desk_count(s, "alice", "one"), 1, "row %zu", i);
		cr_assert_eq(unlink(file), 0);
	}
	put(file, "\n\nno mail\n");
	cr_expect_eq(desk_append(s, "alice", ONE, ""), -EINVAL);
	cr_assert_eq(unlink(file), 0);
	put(file, "\rFrom x Thu Jan  1 00:00:00 2026\n\n");
	cr_expect_eq(desk_append(s, "alice", ONE, ""), -EINVAL);
	store_close(s);
}

Test(mbox, refuses_what_is_no_mailbox)
{
	static const char *const names[] = { "",      "..",   "a/../b", ".a",
					     "a/b/c", "/etc", "a.lock", "a/",
					     "a/.b",  "a\nb" };
	char path[64], a[128], b[128];
	struct store *s = desk_store(path, 100);

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		cr_assert_eq(desk_append(s, names[i], ONE, ""), -EINVAL, "%s",
			     names[i]);
	cr_assert_eq(desk_append(s, "real", ONE, ""), 0);
	(void)snprintf(a, sizeof(a), "%s/real", path);
	(void)snprintf(b, sizeof(b), "%s/sym", path);
	cr_assert_eq(symlink(a, b), 0);
	cr_assert_eq(desk_append(s, "sym", ONE, ""), -ELOOP);
	cr_assert_eq(mbox_may_append(s, SLICE("sym"), 1), -ELOOP);
	(void)snprintf(b, sizeof(b), "%s/dir", path);
	cr_assert_eq(mkdir(b, 0700), 0);
	cr_assert_lt(desk_append(s, "dir", ONE, ""), 0);
	(void)snprintf(b, sizeof(b), "%s/fifo", path);
	cr_assert_eq(mkfifo(b, 0600), 0);
	cr_assert_eq(desk_append(s, "fifo", ONE, ""), -EINVAL);
	(void)snprintf(b, sizeof(b), "%s/hard", path);
	cr_assert_eq(link(a, b), 0);
	cr_assert_eq(desk_append(s, "real", ONE, ""), -EMLINK);
	store_close(s);
}
