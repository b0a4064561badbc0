/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "auth/remember.h"
#include "base/clock.h"

#define LASTS_S 600
#define SLOTS   4096
#define ALICE   SLICE("alice"), SLICE("open sesame"), SLICE("$y$j9T$a$b")

static char path[] = "/tmp/postern-remember.XXXXXX";

static void enter(void)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(close(fd), 0);
	clock_freeze(1700000000000000, 5000);
}

static void leave(void)
{
	(void)unlink(path);
}

TestSuite(remember, .init = enter, .fini = leave);

static struct remember *open_in(const char *boot, unsigned lasts_s)
{
	struct remember *r;

	cr_assert_eq(remember_open_in_boot(path, lasts_s, slice_of(boot), &r),
		     0);
	return r;
}

static const struct {
	struct slice name, password, hash;
} strangers[] = {
	{ SLICE("alice"), SLICE("open sesame"), SLICE("$y$j9T$a$c") },
	{ SLICE("alice"), SLICE("open sesame"), SLICE("!$y$j9T$a$b") },
	{ SLICE("alice"), SLICE("open sesame"), SLICE("") },
	{ SLICE("alice"), SLICE("open sesamE"), SLICE("$y$j9T$a$b") },
	{ SLICE("alice"), SLICE(""), SLICE("$y$j9T$a$b") },
	{ SLICE("alicf"), SLICE("open sesame"), SLICE("$y$j9T$a$b") },
	{ SLICE("aliceo"), SLICE("pen sesame"), SLICE("$y$j9T$a$b") },
	{ SLICE("alice"), SLICE("open sesame$"), SLICE("y$j9T$a$b") },
	{ SLICE(""), SLICE(""), SLICE("") },
};

Test(remember, has_what_was_put_and_nothing_else)
{
	struct remember *r = open_in("boot", LASTS_S);

	cr_assert_not(remember_has(r, ALICE));
	remember_put(r, ALICE);
	cr_assert(remember_has(r, ALICE));
	for (size_t i = 0; i < ARRAY_LEN(strangers); i++)
		cr_assert_not(remember_has(r, strangers[i].name,
					   strangers[i].password,
					   strangers[i].hash),
			      "row %zu", i);
	remember_close(r);
}

Test(remember, expires)
{
	struct remember *r = open_in("boot", LASTS_S);

	remember_put(r, ALICE);
	clock_advance_ms(LASTS_S * 1000 - 1);
	cr_assert(remember_has(r, ALICE), "asking does not make it last");
	clock_advance_ms(1);
	cr_assert_not(remember_has(r, ALICE));
	remember_put(r, ALICE);
	cr_assert(remember_has(r, ALICE));
	remember_close(r);
}

Test(remember, a_shorter_time_holds_for_what_was_put_before)
{
	struct remember *r = open_in("boot", LASTS_S);

	remember_put(r, ALICE);
	remember_close(r);
	r = open_in("boot", 60);
	cr_assert_not(remember_has(r, ALICE), "believed for 600 s");
	remember_close(r);
	r = open_in("boot", 0);
	remember_put(r, ALICE);
	cr_assert_not(remember_has(r, ALICE));
	remember_close(r);
}

Test(remember, two_handles_share_what_they_know)
{
	struct remember *a = open_in("boot", LASTS_S),
			*b = open_in("boot", LASTS_S);

	remember_put(a, ALICE);
	cr_assert(remember_has(b, ALICE));
	remember_close(a);
	cr_assert(remember_has(b, ALICE));
	remember_close(b);
}

Test(remember, another_boot_knows_nothing)
{
	struct remember *r = open_in("boot 1", LASTS_S);

	remember_put(r, ALICE);
	remember_close(r);
	r = open_in("boot 1", LASTS_S);
	cr_assert(remember_has(r, ALICE));
	remember_close(r);
	r = open_in("boot 2", LASTS_S);
	cr_assert_not(remember_has(r, ALICE));
	remember_put(r, ALICE);
	cr_assert(remember_has(r, ALICE));
	remember_close(r);
}

Test(remember, this_boot_is_the_same_twice)
{
	struct remember *r;

	cr_assert_eq(remember_open(path, LASTS_S, &r), 0);
	remember_put(r, ALICE);
	remember_close(r);
	cr_assert_eq(remember_open(path, LASTS_S, &r), 0);
	cr_assert(remember_has(r, ALICE));
	remember_close(r);
	r = open_in("", LASTS_S);
	cr_assert_not(remember_has(r, ALICE), "the boot makes no difference");
	remember_close(r);
}

/* Beyond the header. */
static void fill(int byte)
{
	int fd = open(path, O_RDWR);
	char block[4096];
	struct stat st;
	unsigned seed = 1;

	cr_assert_eq(fstat(fd, &st), 0);
	for (off_t at = 64; at < st.st_size; at += (off_t)sizeof(block)) {
		size_t n = (size_t)(st.st_size - at);

		n = n < sizeof(block) ? n : sizeof(block);
		for (size_t i = 0; i < n; i++)
			block[i] = (char)(byte < 0 ? rand_r(&seed) : byte);
		cr_assert_eq(pwrite(fd, block, n, at), (ssize_t)n);
	}
	cr_assert_eq(close(fd), 0);
}

/* Of so many in 1024 sets some share one, but hardly ever five, which would be
 * one too many. */
#define SOME 80

static int put_some(struct remember *r)
{
	char name[16];
	int known = 0;

	for (int i = 0; i < SOME; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		remember_put(r, slice_of(name), SLICE("p"), SLICE("h"));
	}
	for (int i = 0; i < SOME; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		known +=
			remember_has(r, slice_of(name), SLICE("p"), SLICE("h"));
	}
	return known;
}

Test(remember, garbage_is_no_memory_and_makes_room)
{
	static const int bytes[] = { -1, 0, 0xff, 0x7f };

	for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
		struct remember *r = open_in("boot", LASTS_S);

		fill(bytes[i]);
		cr_assert_not(remember_has(r, ALICE));
		cr_assert_eq(put_some(r), SOME, "%zu", i);
		cr_assert_not(remember_has(r, ALICE));
		remember_close(r);
	}
}

Test(remember, cut_short_it_forgets)
{
	struct remember *r = open_in("boot", LASTS_S);

	remember_put(r, ALICE);
	cr_assert_eq(truncate(path, 64), 0);
	cr_assert_not(remember_has(r, ALICE));
	remember_put(r, ALICE);
	cr_assert(remember_has(r, ALICE));
	remember_close(r);
	r = open_in("boot", LASTS_S);
	cr_assert_not(remember_has(r, ALICE));
	remember_close(r);
}

Test(remember, is_bounded_and_the_newest_stay)
{
	struct remember *r = open_in("boot", LASTS_S);
	struct stat before, after;
	char name[16];

	cr_assert_eq(stat(path, &before), 0);
	for (int i = 0; i < 3 * SLOTS; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		remember_put(r, slice_of(name), SLICE("p"), SLICE("h"));
		clock_advance_ms(1);
		cr_assert(
			remember_has(r, slice_of(name), SLICE("p"), SLICE("h")),
			"%s", name);
	}
	for (int i = 3 * SLOTS - 20; i < 3 * SLOTS; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		cr_assert(
			remember_has(r, slice_of(name), SLICE("p"), SLICE("h")),
			"%s", name);
	}
	cr_assert_eq(stat(path, &after), 0);
	cr_assert_eq(after.st_size, before.st_size);
	cr_assert_leq(after.st_size, 200000);
	remember_close(r);
}

static int count_users(struct remember *r)
{
	char name[16];
	int known = 0;

	for (int i = 0; i < 2 * SLOTS; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		known +=
			remember_has(r, slice_of(name), SLICE("p"), SLICE("h"));
	}
	return known;
}

Test(remember, the_same_again_takes_no_second_place)
{
	struct remember *r = open_in("boot", LASTS_S);
	char name[16];
	int before;

	for (int i = 0; i < 2 * SLOTS; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		remember_put(r, slice_of(name), SLICE("p"), SLICE("h"));
	}
	before = count_users(r);
	cr_assert_gt(before, SLOTS / 2);
	for (int i = 0; i < 10; i++) {
		clock_advance_ms(1);
		remember_put(r, ALICE);
	}
	cr_assert_geq(count_users(r), before - 1);
	remember_close(r);
}

Test(remember, nothing_readable_is_in_the_file)
{
	struct remember *r = open_in("boot", LASTS_S);
	static char all[300000];
	int fd;
	ssize_t n;

	remember_put(r, ALICE);
	remember_close(r);
	fd = open(path, O_RDONLY);
	n = read(fd, all, sizeof(all));
	cr_assert_eq(close(fd), 0);
	cr_assert_gt(n, 64);
	cr_assert_null(memmem(all, (size_t)n, "sesame", 6));
	cr_assert_null(memmem(all, (size_t)n, "alice", 5));
	cr_assert_null(memmem(all, (size_t)n, "j9T", 3));
}

Test(remember, what_cannot_be_opened_is_said_and_done_without)
{
	struct remember *r = NULL;

	cr_assert_eq(chmod(path, 0644), 0);
	cr_assert_eq(remember_open(path, LASTS_S, &r), -EPERM);
	cr_assert_null(r);
	remember_put(r, ALICE);
	cr_assert_not(remember_has(r, ALICE));
	remember_close(r);
}
