/* SPDX-License-Identifier: ISC */
/* A session's view, and removing messages from it whole or not at all. */
#include "desk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "store/box.h"
#include "store/index.h"

static const char *const subjects[] = { "s0", "s1", "s2", "s3" };

static void fill(struct store *s, const char *name)
{
	char text[128];

	for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
		(void)snprintf(text, sizeof(text),
			       "Subject: %s\n\nbody of %s\n", subjects[i],
			       subjects[i]);
		cr_assert_eq(desk_append(s, name, text, ""), 0);
	}
}

static int remove_some(struct store *s, const char *name, unsigned mask)
{
	struct maildrop *m = NULL;
	bool marked[ARRAY_LEN(subjects)];
	int64_t wait_ms;
	int r = maildrop_open(s, slice_of(name), 0, &m, &wait_ms);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_LEN(marked); i++)
		marked[i] = (mask >> i & 1U) != 0;
	r = maildrop_expunge(m, marked);
	if (r == 0)
		r = maildrop_finish(m);
	maildrop_close(m);
	return r;
}

/* The messages that are there, as a mask. */
static unsigned there(struct store *s, const char *name)
{
	unsigned mask = 0;

	for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
		int n = desk_count(s, name, subjects[i]);

		cr_assert(n == 0 || n == 1, "%s: %d of %s", name, n,
			  subjects[i]);
		mask |= (unsigned)n << i;
	}
	return mask;
}

Test(maildrop, removes_any_set, .timeout = 60)
{
	char path[64], name[32];
	struct store *s = desk_store(path, DESK_WAIT_MS);

	for (unsigned mask = 0; mask < 16; mask++) {
		(void)snprintf(name, sizeof(name), "box%u", mask);
		fill(s, name);
		cr_assert_eq(remove_some(s, name, mask), 0);
		cr_assert_eq(there(s, name), 15 & ~mask, "%u", mask);
	}
	store_close(s);
}

static off_t size_of(const char *dir, const char *name)
{
	char path[128];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return stat(path, &st) < 0 ? -1 : st.st_size;
}

static int to_buf(void *context, struct slice bytes)
{
	return buf_put(context, bytes);
}

/* A session in "a" whose deletion of the first message is decided. */
static struct maildrop *decided(struct store *s, bool *marked)
{
	struct maildrop *m = NULL;
	int64_t wait_ms;

	marked[0] = true;
	cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
	cr_assert_eq(maildrop_expunge(m, marked), 0);
	return m;
}

/* Durable by the journal, and locked until it is carried out. */
Test(maildrop, what_is_decided_is_carried_out_later, .timeout = 60)
{
	bool marked[ARRAY_LEN(subjects)] = { false };
	char path[64];
	struct store *s = desk_store(path, 100);
	struct maildrop *m;
	off_t before;

	fill(s, "a");
	before = size_of(path, "a");
	m = decided(s, marked);
	cr_expect_eq(size_of(path, "a"), before, "it was not only decided");
	cr_expect_gt(size_of(path, ".postern/a.expunge"), 512);
	cr_expect_eq(desk_append(s, "a", "Subject: s4\n\nbody of s4\n", ""),
		     -EAGAIN, "it is not locked");
	cr_expect_eq(maildrop_finish(m), 0);
	cr_expect_lt(size_of(path, "a"), before);
	cr_expect_eq(size_of(path, ".postern/a.expunge"), -1);
	cr_expect_eq(desk_append(s, "a", "Subject: s4\n\nbody of s4\n", ""), 0,
		     "it is still locked");
	cr_expect_eq(maildrop_finish(m), 0, "nothing is left to be done");
	maildrop_close(m);
	cr_expect_eq(there(s, "a"), 14);
	store_close(s);
}

/* Who decided it has died, or met an error at any step: it counts all the
 * same. */
Test(maildrop, what_is_decided_is_finished_by_the_next, .timeout = 60)
{
	bool marked[ARRAY_LEN(subjects)] = { false }, more = true;
	char path[64];
	struct store *s;

	for (int k = 0; more; k++) {
		struct maildrop *m;
		int r = 0;

		s = desk_store(path, 100);
		fill(s, "a");
		m = decided(s, marked);
		if (k > 0) {
			desk_trouble(k, -EIO);
			r = maildrop_finish(m);
			more = desk_steps() >= k;
			desk_no_trouble();
		}
		maildrop_close(m);
		/* a delivery may be the next as well */
		cr_expect_eq(
			desk_append(s, "a", "Subject: s4\n\nbody of s4\n", ""),
			0, "%d: %d", k, r);
		cr_expect_eq(there(s, "a"), 14, "%d: %d", k, r);
		cr_expect_eq(desk_count(s, "a", "s4"), 1);
		store_close(s);
	}
}

/* In a process of its own: locks go by who opened the file. */
static pid_t finish_after(struct store *s, bool *marked, uint64_t us)
{
	char ready;
	int told[2];
	pid_t pid;

	cr_assert_eq(pipe(told), 0);
	pid = fork();
	if (pid == 0) {
		struct maildrop *m = decided(s, marked);

		ignore(write(told[1], "x", 1));
		clock_pause_us(us);
		ignore(maildrop_finish(m));
		maildrop_close(m);
		_exit(0);
	}
	cr_assert_eq(read(told[0], &ready, 1), 1);
	close(told[0]);
	close(told[1]);
	return pid;
}

Test(maildrop, a_session_that_leaves_is_waited_for, .timeout = 60)
{
	bool marked[ARRAY_LEN(subjects)] = { false };
	char path[64];
	struct store *s = desk_store(path, 20000);
	struct maildrop *m, *other;
	int64_t wait_ms = 7, from;
	pid_t pid;

	fill(s, "a");
	pid = finish_after(s, marked, 300000);
	cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
	cr_expect_eq(maildrop_count(m), ARRAY_LEN(subjects) - 1);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);

	from = clock_mono_ms();
	cr_expect_eq(maildrop_open(s, SLICE("a"), 0, &other, &wait_ms), -EBUSY);
	cr_expect_lt(clock_mono_ms() - from, 5000, "one that stays was");
	/* a QUIT that deletes nothing leaves as well */
	marked[0] = false;
	cr_expect_eq(maildrop_expunge(m, marked), 0);
	maildrop_close(m);
	store_close(s);
}

Test(maildrop, a_session_that_leaves_is_not_waited_for_for_ever, .timeout = 60)
{
	bool marked[ARRAY_LEN(subjects)] = { false };
	char path[64];
	struct store *s = desk_store(path, 100);
	struct maildrop *m, *other;
	int64_t wait_ms = 7;

	fill(s, "a");
	m = decided(s, marked);
	cr_expect_eq(maildrop_open(s, SLICE("a"), 0, &other, &wait_ms), -EBUSY);
	cr_expect_eq(wait_ms, 0);
	maildrop_close(m);
	store_close(s);
}

Test(maildrop, second_session_and_delay)
{
	char path[64];
	struct store *s = desk_store(path, 100);
	struct maildrop *m, *other;
	int64_t wait_ms = 7;

	cr_assert_eq(maildrop_open(s, SLICE("a"), 60000, &m, &wait_ms), 0);
	cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &other, &wait_ms), -EBUSY);
	cr_assert_eq(wait_ms, 0);
	maildrop_close(m);
	cr_assert_eq(maildrop_open(s, SLICE("a"), 60000, &m, &wait_ms), -EBUSY);
	cr_assert(wait_ms > 50000 && wait_ms <= 60000);
	store_close(s);
}

Test(maildrop, twins_differ)
{
	char path[64], uid[3][MAILDROP_UID_MAX];
	struct store *s = desk_store(path, 100);
	struct maildrop *m;
	int64_t wait_ms;

	for (int i = 0; i < 3; i++)
		cr_assert_eq(desk_append(s, "a", "Subject: t\n\nx\n", ""), 0);
	cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
	cr_assert_eq(maildrop_count(m), 3);
	for (size_t i = 0; i < 3; i++)
		(void)snprintf(uid[i], sizeof(uid[i]), "%s",
			       maildrop_uid(m, i));
	cr_assert_neq(strcmp(uid[0], uid[1]), 0);
	cr_assert_neq(strcmp(uid[1], uid[2]), 0);
	maildrop_close(m);
	store_close(s);
}

/* An index that leads to no message is none for the next session. */
Test(maildrop, what_is_not_found_is_looked_for, .timeout = 60)
{
	char path[64], file[80];
	struct store *s = desk_store(path, DESK_WAIT_MS);
	struct maildrop *m = NULL;
	struct buf got = BUF(1U << 16);
	int64_t wait_ms;
	FILE *f;

	fill(s, "a");
	cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
	cr_expect_gt(size_of(path, ".postern/a.index"), 0);
	(void)snprintf(file, sizeof(file), "%s/a", path);
	f = fopen(file, "r+");
	cr_assert(f);
	cr_assert_eq(fputc('X', f), 'X');
	cr_assert_eq(fclose(f), 0);
	cr_expect_eq(maildrop_read(m, 0, SIZE_MAX, to_buf, &got), -ESTALE);
	maildrop_close(m);
	buf_done(&got);
	cr_expect_eq(size_of(path, ".postern/a.index"), -1);
	store_close(s);
}

/* As `postern mailbox stat` does, which needs no seat. */
static void look_in(struct store *s)
{
	struct box b = BOX_NONE;
	struct index *x = NULL;

	cr_assert_eq(box_open(s, SLICE("a"), false, (uid_t)-1, &b), 0);
	cr_assert_eq(index_open(&b.place, b.fd, &x), 0);
	index_close(x);
	box_done(&b);
}

static void write_three(const char *file, const char *one, const char *two)
{
	static const char line[] = "From a@b Mon Nov 23 07:15:03 2026\n\n";
	int fd = open(file, O_RDWR | O_CREAT, 0660);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r+");

	/* in its place: the inode stays */
	cr_assert(f);
	if (one)
		(void)fprintf(f, "%s%s\n\n", line, one);
	(void)fprintf(f, "%s%s\n\n%sother\n\n", line, two, line);
	cr_assert_eq(fflush(f), 0);
	cr_assert_eq(ftruncate(fd, ftell(f)), 0);
	cr_assert_eq(fclose(f), 0);
}

/* Another program takes the first of them out meanwhile: the second stands
 * where that stood, was never fetched, and must not go instead. */
Test(maildrop, deletes_no_twin_instead, .timeout = 60)
{
	static const struct {
		const char *one, *two;
		bool looked_at; /* and more mail has come */
	} rows[] = {
		/* same header, same length: a program that says what is up */
		{ "disk 1 failed", "disk 2 failed", false },
		{ "disk 1 failed", "disk 1 failed", false },
		{ "disk 1 failed", "disk 1 failed", true },
	};
	char path[64], file[80];
	struct store *s = desk_store(path, DESK_WAIT_MS);

	(void)snprintf(file, sizeof(file), "%s/.postern", path);
	cr_assert_eq(mkdir(file, 0770), 0);
	(void)snprintf(file, sizeof(file), "%s/a", path);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool marked[3] = { true };
		struct maildrop *m = NULL;
		int64_t wait_ms;
		off_t left;

		write_three(file, rows[i].one, rows[i].two);
		cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
		cr_assert_eq(maildrop_count(m), 3);
		write_three(file, NULL, rows[i].two);
		if (rows[i].looked_at) {
			look_in(s);
			cr_assert_eq(
				desk_append(s, "a", "Subject: n\n\nx\n", ""),
				0);
		}
		left = size_of(path, "a");
		cr_expect_eq(maildrop_expunge(m, marked), -ESTALE);
		maildrop_close(m);
		cr_expect_eq(size_of(path, "a"), left, "row %zu", i);
	}
	store_close(s);
}

/* Where others only append, twins are as good as any. */
Test(maildrop, deletes_a_twin_where_mail_came, .timeout = 60)
{
	bool marked[3] = { false, true };
	char path[64], file[80];
	struct store *s = desk_store(path, DESK_WAIT_MS);
	struct maildrop *m = NULL;
	int64_t wait_ms;
	FILE *f;

	for (int i = 0; i < 3; i++)
		cr_assert_eq(
			desk_append(s, "a", "Subject: t\n\nbody of t\n", ""),
			0);
	cr_assert_eq(maildrop_open(s, SLICE("a"), 0, &m, &wait_ms), 0);
	(void)snprintf(file, sizeof(file), "%s/a", path);
	f = fopen(file, "a");
	cr_assert(f);
	(void)fputs("From x Thu Jan  1 00:00:00 2026\n\nx\n\n", f);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(desk_append(s, "a", "Subject: n\n\nbody of n\n", ""), 0);
	cr_expect_eq(maildrop_expunge(m, marked), 0);
	cr_expect_eq(maildrop_finish(m), 0);
	maildrop_close(m);
	store_close(s);
}

Test(maildrop, expunge_fails_whole_at_every_step, .timeout = 120)
{
	static const unsigned masks[] = { 1, 5, 6, 8, 15 };
	char path[64], name[32];
	struct store *s = desk_store(path, 300);

	for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
		bool more = true;

		for (int k = 1; more; k++) {
			unsigned left;
			int r;

			(void)snprintf(name, sizeof(name), "b%zu-%d", i, k);
			fill(s, name);
			desk_trouble(k, k % 2 ? -ENOSPC : -EIO);
			r = remove_some(s, name, masks[i]);
			more = desk_steps() >= k;
			desk_no_trouble();
			left = there(s, name);
			cr_assert(left == (15 & ~masks[i]) ||
					  (r != 0 && left == 15),
				  "%s: %u after %d", name, left, r);
		}
	}
	store_close(s);
}

Test(maildrop, expunge_survives_a_crash_at_every_step, .timeout = 180)
{
	static const unsigned masks[] = { 1, 6, 15 };
	static const char foreign[] = "From x@y Mon Nov 23 07:15:03 2026\n"
				      "Subject: far\n\nbody of far\n\n";
	char path[64], name[32], file[128];
	struct store *s = desk_store(path, 1000);

	for (size_t i = 0; i < 2 * ARRAY_LEN(masks); i++) {
		unsigned mask = masks[i / 2];
		int status = -1, exit = 9;

		for (int k = 1; exit == 9; k++) {
			unsigned left;
			pid_t pid;

			(void)snprintf(name, sizeof(name), "b%zu-%d", i, k);
			(void)snprintf(file, sizeof(file), "%s/%s", path, name);
			fill(s, name);
			pid = fork();
			if (pid == 0) {
				desk_trouble(k, 0);
				_exit(remove_some(s, name, mask) != 0);
			}
			cr_assert_eq(waitpid(pid, &status, 0), pid);
			exit = WEXITSTATUS(status);
			if (i % 2) { /* a foreign program comes first */
				int fd = open(file, O_WRONLY | O_APPEND);

				cr_assert_eq(
					write(fd, foreign, sizeof(foreign) - 1),
					(ssize_t)sizeof(foreign) - 1);
				close(fd);
			}
			left = there(s, name);
			cr_assert(left == 15 || left == (15 & ~mask),
				  "%s: %u left", name, left);
			cr_assert(exit == 9 || left == (15 & ~mask));
			cr_assert_eq(desk_count(s, name, "far"), i % 2, "%s",
				     name);
		}
	}
	store_close(s);
}
