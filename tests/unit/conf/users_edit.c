/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "conf/users.h"

static char dir[] = "/tmp/postern-edit.XXXXXX";

static void enter(void)
{
	cr_assert(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
}

static void leave(void)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
}

static void write_file(const char *text)
{
	FILE *f = fopen("u", "w");

	cr_assert(f);
	(void)fputs(text, f);
	cr_assert_eq(fclose(f), 0);
}

static void read_file(char *ret, size_t room)
{
	FILE *f = fopen("u", "r");

	cr_assert(f);
	ret[fread(ret, 1, room - 1, f)] = '\0';
	cr_assert_eq(fclose(f), 0);
}

static void same(const char *text)
{
	char found[4096];

	read_file(found, sizeof(found));
	cr_assert_str_eq(found, text);
}

/* Nothing else may be left in the directory. */
static void alone(void)
{
	cr_assert_eq(system("test \"$(ls -A)\" = u"), 0);
}

static int put(const char *name, const char *hash)
{
	return user_write("u", slice_of(name), slice_of(hash), SLICE_NONE,
			  SLICE_NONE);
}

static const struct {
	const char *before, *name, *hash;
	int result;
	const char *after;
} rows[] = {
	{ "", "a", "h", 0, "a:h::\n" },
	{ "b:1\n", "a", "h", 0, "b:1\na:h::\n" },
	{ "b:1", "a", "h", 0, "b:1\na:h::\n" },
	{ "# x\na:1:m:o\n\nb : 2 \n", "a", "h", 0, "# x\na:h::\n\nb : 2 \n" },
	{ "b:1\nA:1\n ,2\nc:3", "a", "h", 0, "b:1\na:h::\nc:3" },
	{ "b:1\na:1", "a", "h", 0, "b:1\na:h::\n" },
	{ "b:1\na:1\nc:2\n", "a", NULL, 0, "b:1\nc:2\n" },
	{ "a:1", "a", NULL, 0, "" },
	{ "b:1\n", "a", NULL, -ENOENT, "b:1\n" },
	{ "b:1\n", "a", "h\nroot:x", -EINVAL, "b:1\n" },
	{ "b:1\n", "a", "h:i", -EINVAL, "b:1\n" },
	{ "b:1\n", "A", "h", -EINVAL, "b:1\n" },
};

Test(users_edit, changes_one_line_alone, .init = enter, .fini = leave)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		write_file(rows[i].before);
		cr_assert_eq(put(rows[i].name, rows[i].hash), rows[i].result,
			     "row %zu", i);
		same(rows[i].after);
		alone();
	}
}

Test(users_edit, writes_mailbox_and_options, .init = enter, .fini = leave)
{
	cr_assert_eq(user_write("u", SLICE("a"), SLICE("h"), SLICE("m/n"),
				SLICE("o=p")),
		     0);
	same("a:h:m/n:o=p\n");
	cr_assert_eq(user_write("u", SLICE("a"), SLICE("h"), SLICE("../n"),
				SLICE("")),
		     -EINVAL);
	cr_assert_eq(user_write("u", SLICE("a"), SLICE("h"), SLICE("n"),
				SLICE("a\nb")),
		     -EINVAL);
	same("a:h:m/n:o=p\n");
}

Test(users_edit, keeps_the_mode, .init = enter, .fini = leave)
{
	struct stat st;

	(void)umask(0);
	cr_assert_eq(put("a", "h"), 0);
	cr_assert_eq(stat("u", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0640);
	cr_assert_eq(chmod("u", 0604), 0);
	if (geteuid() == 0)
		cr_assert_eq(chown("u", 1, 2), 0);
	cr_assert_eq(put("b", "h"), 0);
	cr_assert_eq(stat("u", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0604);
	if (geteuid() == 0)
		cr_assert(st.st_uid == 1 && st.st_gid == 2);
}

Test(users_edit, follows_a_link_to_the_file, .init = enter, .fini = leave)
{
	struct stat st;

	write_file("b:1\n");
	cr_assert_eq(symlink("u", "l"), 0);
	cr_assert_eq(
		user_write("l", SLICE("a"), SLICE("h"), SLICE_NONE, SLICE_NONE),
		0);
	same("b:1\na:h::\n");
	cr_assert_eq(lstat("l", &st), 0);
	cr_assert(S_ISLNK(st.st_mode));
}

Test(users_edit, makes_no_file_to_remove_from, .init = enter, .fini = leave)
{
	cr_assert_eq(put("a", NULL), -ENOENT);
	cr_assert_eq(access("u", F_OK), -1);
	cr_assert_eq(user_write("none/u", SLICE("a"), SLICE("h"), SLICE_NONE,
				SLICE_NONE),
		     -ENOENT);
}

/* Fails the n-th step that changes the disk. */
static int fail_at(void *context, const char *step)
{
	int *left = context;

	(void)step;
	return --*left == 0 ? -EIO : 0;
}

Test(users_edit, a_failure_leaves_the_old_file, .init = enter, .fini = leave)
{
	int steps, r = -EIO;
	char text[64];

	for (steps = 1; r < 0; steps++) {
		int left = steps;

		write_file("b:1\n");
		file_set_hook(fail_at, &left);
		r = put("a", "h");
		file_set_hook(NULL, NULL);
		cr_assert(r == 0 || r == -EIO);
		/* past the rename only the wait for the disk can fail */
		read_file(text, sizeof(text));
		cr_assert(strcmp(text, "b:1\n") == 0 ||
				  strcmp(text, "b:1\na:h::\n") == 0,
			  "step %d: %s", steps, text);
		alone();
	}
	cr_assert_gt(steps, 4);
}

Test(users_edit, editors_wait_for_each_other, .init = enter, .fini = leave)
{
	enum { EDITORS = 8, EACH = 8 };
	char name[32];
	int status;

	for (int i = 0; i < EDITORS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			for (int j = 0; j < EACH; j++) {
				(void)snprintf(name, sizeof(name), "u%d-%d", i,
					       j);
				if (put(name, "h") < 0)
					_exit(1);
			}
			_exit(0);
		}
		cr_assert_gt(pid, 0);
	}
	for (int i = 0; i < EDITORS; i++) {
		cr_assert_gt(wait(&status), 0);
		cr_assert_eq(status, 0);
	}
	cr_assert_eq(system("test $(sort -u u | wc -l) = 64"), 0);
	alone();
}
