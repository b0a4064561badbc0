/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"

static int dir = -1;
static char path[64];

static void open_dir(void)
{
	(void)snprintf(path, sizeof(path), "/tmp/postern-file.XXXXXX");
	cr_assert_not_null(mkdtemp(path));
	dir = file_open_dir(AT_FDCWD, path);
	cr_assert_geq(dir, 0);
}

static void remove_dir(void)
{
	char command[128];

	file_set_hook(NULL, NULL);
	close(dir);
	(void)snprintf(command, sizeof(command), "rm -rf %s", path);
	cr_assert_eq(system(command), 0);
}

TestSuite(file, .init = open_dir, .fini = remove_dir);

Test(file, publish)
{
	int fd = file_create(dir, "tmp", 0600);
	struct stat st;

	cr_assert_geq(fd, 0);
	cr_assert_eq(file_write(fd, SLICE("text")), 0);
	cr_assert_eq(file_publish(fd, dir, "tmp", dir, "new"), 0);
	cr_assert_eq(fstatat(dir, "new", &st, 0), 0);
	cr_assert_eq(st.st_size, 4);
	cr_assert_lt(fstatat(dir, "tmp", &st, 0), 0);
	close(fd);
}

static int fail_at(void *context, const char *step)
{
	return strcmp(step, context) == 0 ? -EIO : 0;
}

Test(file, failed_publish_leaves_no_name)
{
	static char steps[][10] = { "sync", "rename", "sync-dir" };
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		int fd = file_create(dir, "tmp", 0600);

		file_set_hook(fail_at, steps[i]);
		cr_assert_eq(file_publish(fd, dir, "tmp", dir, "new"), -EIO,
			     "%s", steps[i]);
		file_set_hook(NULL, NULL);
		cr_assert_lt(fstatat(dir, "new", &st, 0), 0, "%s", steps[i]);
		close(fd);
		(void)unlinkat(dir, "tmp", 0);
	}
}

Test(file, only_regular_files_with_one_link)
{
	int fd = file_create(dir, "plain", 0600);

	cr_assert_geq(fd, 0);
	close(fd);
	cr_assert_eq(file_create(dir, "plain", 0600), -EEXIST);
	cr_assert_eq(symlinkat("plain", dir, "symlink"), 0);
	cr_assert_eq(mkfifoat(dir, "fifo", 0600), 0);
	cr_assert_eq(mkdirat(dir, "folder", 0700), 0);
	fd = file_open(dir, "plain", O_RDWR);
	cr_assert_geq(fd, 0);
	close(fd);
	cr_assert_eq(file_open(dir, "symlink", O_RDWR), -ELOOP);
	cr_assert_eq(file_open(dir, "fifo", O_RDONLY), -EINVAL);
	cr_assert_eq(file_open(dir, "folder", O_RDONLY), -EINVAL);
	cr_assert_eq(file_open(dir, "none", O_RDONLY), -ENOENT);
	cr_assert_eq(linkat(dir, "plain", dir, "second", 0), 0);
	cr_assert_eq(file_open(dir, "plain", O_RDWR), -EMLINK);
}

Test(file, copy_read_truncate)
{
	int from = file_create(dir, "from", 0600);
	int to = file_create(dir, "to", 0600);
	char text[16] = "";

	cr_assert_eq(file_write_at(from, SLICE("0123456789"), 0), 0);
	cr_assert_eq(file_copy(from, 2, to, 1, 5), 0);
	cr_assert_eq(file_read_at(to, text, sizeof(text), 1), 5);
	cr_assert_str_eq(text, "23456");
	cr_assert_eq(file_copy(from, 8, to, 0, 5), -EIO);
	cr_assert_eq(file_truncate(to, 3), 0);
	cr_assert_eq(file_read_at(to, text, sizeof(text), 0), 3);
	close(from);
	close(to);
}

Test(file, opened_with_what_is_told_of_it)
{
	struct stat told = { .st_size = 1 }, st;
	int fd = file_create(dir, "one", 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(file_write(fd, SLICE("text")), 0);
	file_start(fd, 0, 4);
	cr_assert_eq(fstat(fd, &st), 0);
	close(fd);
	cr_assert_lt(file_open_stat(dir, ".", O_RDONLY, &told), 0);
	cr_expect_eq(told.st_size, 1);
	fd = file_open_stat(dir, "one", O_RDWR, &told);
	cr_assert_geq(fd, 0);
	cr_expect_eq(told.st_ino, st.st_ino);
	cr_expect_eq(told.st_size, 4);
	close(fd);
}

Test(file, room_ahead_leaves_the_size_alone)
{
	int fd = file_create(dir, "ahead", 0600);
	int other = file_create(dir, "other", 0600);
	bool can = fallocate(other, FALLOC_FL_KEEP_SIZE, 0, 65536) == 0;
	struct stat st;

	cr_assert_eq(file_write_at(fd, SLICE("text"), 0), 0);
	file_reserve_ahead(fd, 4, 65536);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_eq(st.st_size, 4);
	cr_expect(!can || st.st_blocks * 512 >= 65536, "%ld",
		  (long)st.st_blocks);
	file_reserve_ahead(fd, UINT64_MAX, 65536);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_eq(st.st_size, 4);
	close(fd);
	close(other);
}

Test(file, one_lock_at_a_time)
{
	int fd = file_create(dir, "lock", 0600);
	pid_t pid;
	int status;

	cr_assert_eq(file_try_lock(fd), 0);
	pid = fork();
	if (pid == 0) {
		int other = file_open(dir, "lock", O_RDWR);

		_exit(file_try_lock(other) == -EAGAIN ? 0 : 1);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
	file_close(&fd);
	cr_assert_eq(fd, -1);
	fd = file_open(dir, "lock", O_RDWR);
	cr_assert_eq(file_try_lock(fd), 0);
	close(fd);
}

/* One's own lock may be changed for the other kind, and others see which it
 * is. */
Test(file, alone_or_shared)
{
	int fd = file_create(dir, "lock", 0600);
	int other = file_open(dir, "lock", O_RDWR);

	cr_expect_eq(file_locked_alone(other), 0, "nobody has it");
	cr_expect_eq(file_try_lock(fd), 0);
	cr_expect_eq(file_locked_alone(fd), 0, "not someone else");
	cr_expect_eq(file_locked_alone(other), 1);
	cr_expect_eq(file_try_lock_shared(fd), 0);
	cr_expect_eq(file_locked_alone(other), 0);
	cr_expect_eq(file_try_lock(other), -EAGAIN, "it was let go");
	file_close(&fd);
	cr_expect_eq(file_locked_alone(fd), -EBADF);
	cr_expect_eq(file_try_lock(other), 0);
	file_close(&other);
}

static bool is_null(int fd)
{
	struct stat st, null;

	return fstat(fd, &st) == 0 && stat("/dev/null", &null) == 0 &&
	       S_ISCHR(st.st_mode) && st.st_rdev == null.st_rdev;
}

/* In the child: 0 to `last` are nothing, and no descriptor is left over. */
static int let_go(int last, int closed)
{
	int before = dup(STDIN_FILENO), after;

	(void)close(before);
	if (closed >= 0)
		(void)close(closed);
	if (file_let_go(last) < 0)
		return 1;
	for (int fd = 0; fd <= last; fd++)
		if (!is_null(fd))
			return 2;
	after = dup(STDIN_FILENO);
	return after == before ? 0 : 3;
}

Test(file, let_go)
{
	static const struct {
		int last, closed;
	} rows[] = { { 2, -1 }, { 1, -1 }, { 2, 2 }, { 2, 0 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(let_go(rows[i].last, rows[i].closed));
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		cr_expect_eq(status, 0, "row %zu: %d", i, WEXITSTATUS(status));
	}
}
