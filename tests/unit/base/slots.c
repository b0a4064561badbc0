/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/slots.h"

#define SIZE 1024
#define MARK SLICE("mark")

static char dir[] = "/tmp/postern-slots.XXXXXX";
static char path[64], other[64];

static void enter(void)
{
	cr_assert(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/file", dir);
	(void)snprintf(other, sizeof(other), "%s/other", dir);
}

static void leave(void)
{
	(void)unlink(path);
	(void)unlink(other);
	(void)rmdir(path);
	cr_assert_eq(rmdir(dir), 0, "something is left behind");
}

TestSuite(slots, .init = enter, .fini = leave);

static struct slots *open_as(struct slice mark, uint64_t size)
{
	struct slots *s;

	cr_assert_eq(slots_open(path, mark, size, &s), 0);
	return s;
}

static int refusal(void)
{
	struct slots *s = NULL;
	int r = slots_open(path, MARK, SIZE, &s);

	cr_assert(r < 0 && !s);
	return r;
}

static void mac_of(const struct slots *s, uint8_t ret[DIGEST_KEYED_BYTES])
{
	const struct slice part = SLICE("x");

	slots_mac(s, &part, 1, ret);
}

static char byte_at(struct slots *s, uint64_t at)
{
	char c;

	slots_read(s, &c, 1, at);
	return c;
}

/* Is what `s` wrote, under its key, gone for who opens it anew? */
static bool starts_anew(struct slots *s, struct slice mark, uint64_t size)
{
	uint8_t before[DIGEST_KEYED_BYTES], after[DIGEST_KEYED_BYTES];
	struct slots *t = open_as(mark, size);
	bool anew;

	mac_of(s, before);
	mac_of(t, after);
	anew = !digest_same(before, after, sizeof(before));
	cr_assert_eq(anew, byte_at(t, 7) == 0);
	slots_write(t, "z", 1, 7);
	cr_assert_eq(byte_at(t, 7), 'z');
	slots_close(t);
	return anew;
}

Test(slots, two_handles_share_one_file)
{
	struct slots *a = open_as(MARK, SIZE), *b = open_as(MARK, SIZE);
	uint8_t x[DIGEST_KEYED_BYTES], y[DIGEST_KEYED_BYTES];
	struct stat st;

	slots_write(a, "abc", 3, SIZE - 3);
	cr_assert_eq(byte_at(b, SIZE - 1), 'c');
	mac_of(a, x);
	mac_of(b, y);
	cr_assert(digest_same(x, y, sizeof(x)));
	slots_close(a);
	slots_write(b, "y", 1, 7);
	cr_assert_not(starts_anew(b, MARK, SIZE));
	slots_close(b);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0600);
}

Test(slots, another_mark_or_size_starts_anew)
{
	struct slots *s = open_as(MARK, SIZE);

	slots_write(s, "y", 1, 7);
	cr_assert(starts_anew(s, SLICE("marc"), SIZE));
	cr_assert(starts_anew(s, MARK, SIZE));
	cr_assert(starts_anew(s, MARK, SIZE * 2));
	slots_close(s);
}

Test(slots, damage_starts_anew)
{
	static const off_t sizes[] = {
		0, 1, 63, 64, 65, 64 + SIZE - 1, 64 + SIZE + 1
	};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct slots *s = open_as(MARK, SIZE);

		slots_write(s, "y", 1, 7);
		cr_assert_eq(truncate(path, sizes[i]), 0);
		cr_assert(starts_anew(s, MARK, SIZE), "%zu", i);
		slots_close(s);
	}
	for (off_t i = 0; i < 64; i++) {
		struct slots *s = open_as(MARK, SIZE);
		int fd = open(path, O_RDWR);
		char c;

		slots_write(s, "y", 1, 7);
		cr_assert_eq(pread(fd, &c, 1, i), 1);
		c ^= 1;
		cr_assert_eq(pwrite(fd, &c, 1, i), 1);
		cr_assert_eq(close(fd), 0);
		cr_assert(starts_anew(s, MARK, SIZE), "header byte %d", (int)i);
		slots_close(s);
	}
}

Test(slots, nothing_but_zeros_is_damage)
{
	int fd = open(path, O_CREAT | O_RDWR, 0600);
	struct slots *s;
	struct stat before, after;

	cr_assert_eq(ftruncate(fd, 64 + SIZE), 0);
	cr_assert_eq(fstat(fd, &before), 0);
	cr_assert_eq(close(fd), 0);
	s = open_as(MARK, SIZE);
	slots_close(s);
	cr_assert_eq(stat(path, &after), 0);
	cr_assert_neq(before.st_ino, after.st_ino);
}

Test(slots, cut_or_deleted_while_open_reads_as_nothing)
{
	struct slots *s = open_as(MARK, SIZE);

	slots_write(s, "abc", 3, 500);
	cr_assert_eq(truncate(path, 64 + 501), 0);
	cr_assert_eq(byte_at(s, 500), 'a');
	cr_assert_eq(byte_at(s, 501), 0);
	cr_assert_eq(truncate(path, 0), 0);
	cr_assert_eq(byte_at(s, 500), 0);
	slots_write(s, "abc", 3, 500);
	cr_assert_eq(byte_at(s, 502), 'c');
	cr_assert(starts_anew(s, MARK, SIZE));
	cr_assert_eq(unlink(path), 0);
	slots_write(s, "d", 1, 500);
	cr_assert_eq(byte_at(s, 500), 'd');
	slots_close(s);
}

Test(slots, what_is_not_ours_alone_is_refused)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0610, 0601 };

	slots_close(open_as(MARK, SIZE));
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		cr_assert_eq(chmod(path, modes[i]), 0);
		cr_assert_eq(refusal(), -EPERM, "%o", modes[i]);
	}
	cr_assert_eq(chmod(path, 0600), 0);
	/* only root can give a file away */
	if (geteuid() == 0) {
		cr_assert_eq(chown(path, 1, 0), 0);
		cr_assert_eq(refusal(), -EPERM);
		cr_assert_eq(chown(path, 0, 0), 0);
	}
	slots_close(open_as(MARK, SIZE));
	cr_assert_eq(link(path, other), 0);
	cr_assert_eq(refusal(), -EMLINK);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(symlink(other, path), 0);
	cr_assert_eq(refusal(), -ELOOP);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_assert_eq(refusal(), -EINVAL);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_assert_eq(refusal(), -EISDIR);
}

Test(slots, what_cannot_be_made_is_said)
{
	struct slots *s = NULL;
	char longest[PATH_MAX];

	cr_assert_eq(slots_open("/nonexistent/x", MARK, SIZE, &s), -ENOENT);
	memset(longest, '/', sizeof(longest));
	memcpy(longest + sizeof(longest) - 3, "/x", 3);
	cr_assert_eq(slots_open(longest, MARK, SIZE, &s), -ENAMETOOLONG);
	cr_assert_null(s);
}

Test(slots, no_two_lists_have_one_mac)
{
	static const struct slice lists[][2] = {
		{ SLICE("ab"), SLICE("c") },
		{ SLICE("a"), SLICE("bc") },
		{ SLICE("abc"), SLICE("") },
		{ SLICE(""), SLICE("abc") },
	};
	uint8_t macs[ARRAY_LEN(lists)][DIGEST_KEYED_BYTES];
	struct slots *s = open_as(MARK, SIZE);

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		slots_mac(s, lists[i], 2, macs[i]);
		for (size_t j = 0; j < i; j++)
			cr_assert_not(
				digest_same(macs[i], macs[j], sizeof(macs[i])),
				"%zu %zu", i, j);
	}
	slots_close(s);
}

Test(slots, locks_keep_others_out_of_a_part)
{
	struct slots *a = open_as(MARK, SIZE), *b = open_as(MARK, SIZE);

	cr_assert(slots_lock(a, 16, 32));
	cr_assert(slots_lock(b, 16, 48), "another part");
	cr_assert(slots_lock(a, 16, 32), "ours already");
	cr_assert_not(slots_lock(b, 16, 40), "waited for ever, or not at all");
	slots_unlock(a, 16, 32);
	cr_assert(slots_lock(b, 16, 32));
	slots_close(b);
	cr_assert(slots_lock(a, SIZE, 0), "locks outlive who had them");
	slots_close(a);
}

enum { MANY = 16 };

/* Each of many writes an octet of his own, all at the same time. */
static void write_at_once(void)
{
	pid_t pids[MANY];
	int start[2];

	cr_assert_eq(pipe(start), 0);
	for (size_t i = 0; i < MANY; i++) {
		pids[i] = fork();
		cr_assert_geq(pids[i], 0);
		if (pids[i] == 0) {
			char c = 'x';

			(void)close(start[1]);
			(void)!read(start[0], &c, 1);
			slots_write(open_as(MARK, SIZE), &c, 1, i);
			_exit(0);
		}
	}
	(void)close(start[0]);
	(void)close(start[1]);
	for (size_t i = 0; i < MANY; i++) {
		int status;

		cr_assert_eq(waitpid(pids[i], &status, 0), pids[i]);
		cr_assert_eq(status, 0);
	}
}

/* Who comes at the same time writes to the same file, be there none or a
 * damaged one. */
Test(slots, one_file_is_made_for_all)
{
	for (int round = 0; round < 20; round++) {
		struct slots *s;

		if (round % 2 == 0)
			cr_assert(unlink(path) == 0 || errno == ENOENT);
		else
			cr_assert_eq(truncate(path, 10), 0);
		write_at_once();
		s = open_as(MARK, SIZE);
		for (size_t i = 0; i < MANY; i++)
			cr_assert_eq(byte_at(s, i), 'x', "%zu in round %d", i,
				     round);
		slots_close(s);
	}
}
