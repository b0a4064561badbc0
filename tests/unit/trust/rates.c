/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "trust/rates.h"
#include "tests/unit/scratch.h"

#define HEADER  64
#define FILE_N  (HEADER + 2 * 1024 * 8 * 16)
#define HOUR_MS ((int64_t)3600 * 1000)
#define ALICE   SLICE("alice")

static const struct rate ten = { 10, 60000 };
static const struct rate most = { RATE_MOST, 1000 };
static const struct rate none = { 0, 0 };

TestSuite(rates, .init = scratch_new, .fini = scratch_done);

static struct rates *open_it(void)
{
	struct rates *r;

	cr_assert_eq(rates_open(scratch_path, &r), 0);
	return r;
}

/* How many of `n` are let through. */
static unsigned passes(struct rates *r, enum rates_what what, struct slice who,
		       unsigned n)
{
	unsigned yes = 0;

	while (n-- > 0)
		yes += rates_take(r, what, &ten, who);
	return yes;
}

Test(rates, so_many_at_once_and_then_one_each_part)
{
	struct rates *r = open_it();

	cr_assert(rates_have(r, RATES_MESSAGES, &ten, ALICE));
	cr_assert_eq(passes(r, RATES_MESSAGES, ALICE, 30), 10);
	cr_assert_not(rates_have(r, RATES_MESSAGES, &ten, ALICE));
	for (unsigned i = 0; i < 5; i++) {
		clock_advance_ms(5999);
		cr_assert_eq(passes(r, RATES_MESSAGES, ALICE, 3), 0, "%u", i);
		clock_advance_ms(1);
		cr_assert(rates_have(r, RATES_MESSAGES, &ten, ALICE));
		cr_assert_eq(passes(r, RATES_MESSAGES, ALICE, 3), 1, "%u", i);
	}
	clock_advance_ms(60000);
	cr_assert_eq(passes(r, RATES_MESSAGES, ALICE, 30), 10);
	rates_close(r);
}

/* A window that begins anew each minute would let 20 through. */
Test(rates, has_no_edge_at_which_twice_as_many_pass)
{
	struct rates *r = open_it();
	unsigned n = 0;

	for (unsigned i = 0; i < 240; i++) {
		n += passes(r, RATES_MESSAGES, ALICE, 5);
		clock_advance_ms(500);
	}
	cr_assert_eq(n, 10 + 19, "%u in two minutes", n);
	rates_close(r);
}

Test(rates, each_kind_and_each_name_has_its_own)
{
	struct rates *r = open_it();

	for (unsigned what = 0; what <= RATES_TOLD; what++) {
		cr_assert_eq(passes(r, what, ALICE, 30), 10, "%u", what);
		cr_assert_eq(passes(r, what, SLICE("bob"), 30), 10, "%u", what);
	}
	rates_close(r);
}

Test(rates, without_a_limit_a_name_or_a_file_all_pass)
{
	struct rates *r = open_it();

	for (unsigned i = 0; i < 100; i++) {
		cr_assert(rates_take(r, RATES_MESSAGES, &none, ALICE));
		cr_assert(rates_take(r, RATES_MESSAGES, &ten, SLICE_NONE));
		cr_assert(rates_take(NULL, RATES_MESSAGES, &ten, ALICE));
		cr_assert(rates_have(NULL, RATES_MESSAGES, &ten, ALICE));
	}
	rates_close(r);
	rates_close(NULL);
}

Test(rates, the_largest_rate_is_no_overflow)
{
	const struct rate slow = { 1, RATE_PER_MS };
	struct rates *r = open_it();

	cr_assert(rates_take(r, RATES_MESSAGES, &most, ALICE));
	cr_assert(rates_take(r, RATES_RECIPIENTS, &slow, ALICE));
	cr_assert_not(rates_take(r, RATES_RECIPIENTS, &slow, ALICE));
	clock_advance_ms((int64_t)RATE_PER_MS);
	cr_assert(rates_take(r, RATES_RECIPIENTS, &slow, ALICE));
	rates_close(r);
}

enum { PROCESSES = 8, TRIES = 4000, LIMIT = 20000 };

static void count_in_child(int start, unsigned *ret)
{
	const struct rate limit = { LIMIT, 3600000 };
	struct rates *r = open_it();
	char c;

	(void)!read(start, &c, 1); /* until all are there */
	for (unsigned i = 0; i < TRIES; i++)
		*ret += rates_take(r, RATES_CONNECTIONS, &limit, ALICE);
	rates_close(r);
	_exit(0);
}

Test(rates, many_processes_hit_one_limit_exactly)
{
	unsigned *counts =
		mmap(NULL, PROCESSES * sizeof(*counts), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[PROCESSES];
	unsigned all = 0;
	int start[2];

	cr_assert(counts != MAP_FAILED && pipe(start) == 0);
	for (size_t i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		cr_assert_geq(pids[i], 0);
		if (pids[i] == 0) {
			(void)close(start[1]);
			count_in_child(start[0], &counts[i]);
		}
	}
	(void)close(start[1]);
	for (size_t i = 0; i < PROCESSES; i++) {
		int status;

		cr_assert_eq(waitpid(pids[i], &status, 0), pids[i]);
		cr_assert_eq(status, 0);
		all += counts[i]; /* the clock stands still: none leaks out */
	}
	(void)close(start[0]);
	(void)munmap(counts, PROCESSES * sizeof(*counts));
	cr_assert_eq(all, LIMIT, "%u of %u passed", all, PROCESSES * TRIES);
}

Test(rates, a_flood_of_sources_leaves_logins_alone)
{
	struct rates *r = open_it();
	char name[16];

	cr_assert_eq(passes(r, RATES_USER_MESSAGES, ALICE, 1), 1);
	cr_assert_eq(passes(r, RATES_MESSAGES, ALICE, 30), 10);
	for (unsigned i = 0; i < 40000; i++) {
		(void)snprintf(name, sizeof(name), "%u", i);
		cr_assert_eq(passes(r, RATES_MESSAGES, slice_of(name), 2), 2);
	}
	cr_assert_eq(passes(r, RATES_USER_MESSAGES, ALICE, 30), 9);
	/* a source's was the fullest of its set */
	cr_assert_eq(passes(r, RATES_MESSAGES, ALICE, 5), 0);
	rates_close(r);
}

/* Damage, or a clock that was set back, shuts nobody out. */
Test(rates, what_cannot_be_is_nothing)
{
	static const uint8_t patterns[] = { 0xff, 0x7f, 0x80, 0x01, 0x00 };
	struct rates *r = open_it();

	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		char junk[4096];
		int fd = open(scratch_path, O_WRONLY | O_CLOEXEC);

		cr_assert_geq(fd, 0);
		(void)passes(r, RATES_MESSAGES, ALICE, 30);
		memset(junk, patterns[i], sizeof(junk));
		for (off_t at = HEADER; at < FILE_N; at += sizeof(junk))
			cr_assert(pwrite(fd, junk, sizeof(junk), at) > 0);
		cr_assert_eq(close(fd), 0);
		cr_assert_eq(passes(r, RATES_MESSAGES, ALICE, 30), 10, "%x",
			     patterns[i]);
	}
	clock_freeze(1600000000000000, 0);
	cr_assert_eq(passes(r, RATES_MESSAGES, ALICE, 30), 10, "set back");
	rates_close(r);
}

Test(rates, a_file_cut_short_or_lost_is_one_that_forgets)
{
	struct rates *r = open_it();

	cr_assert_eq(passes(r, RATES_MESSAGES, ALICE, 30), 10);
	cr_assert_eq(truncate(scratch_path, 10), 0);
	cr_assert_geq(passes(r, RATES_MESSAGES, ALICE, 30), 10);
	cr_assert_eq(truncate(scratch_path, 0), 0);
	cr_assert_eq(unlink(scratch_path), 0);
	cr_assert_geq(passes(r, RATES_MESSAGES, SLICE("bob"), 30), 10);
	rates_close(r);
	r = open_it();
	cr_assert_eq(passes(r, RATES_MESSAGES, ALICE, 30), 10);
	rates_close(r);
}

Test(rates, a_file_that_others_may_touch_is_not_used)
{
	struct rates *r = NULL;

	cr_assert_eq(chmod(scratch_path, 0644), 0);
	cr_assert_eq(rates_open(scratch_path, &r), -EPERM);
	cr_assert_null(r);
}

static const struct {
	const char *a, *b;
	unsigned v4, v6;
	bool same;
} sources[] = {
	{ "192.0.2.1", "192.0.2.1", 32, 64, true },
	{ "192.0.2.1", "192.0.2.2", 32, 64, false },
	{ "192.0.2.1", "192.0.2.254", 24, 64, true },
	{ "192.0.2.1", "192.0.3.1", 24, 64, false },
	{ "10.127.0.1", "10.1.2.3", 9, 64, true },
	{ "10.128.0.1", "10.1.2.3", 9, 64, false },
	{ "2001:db8::1", "2001:db8::ffff:1:2:3", 32, 64, true },
	{ "2001:db8::1", "2001:db8:0:1::1", 32, 64, false },
	{ "2001:db8::1", "2001:db8:0:1::1", 32, 63, true },
	{ "2001:db8::1", "2001:db8::2", 32, 128, false },
	{ "::ffff:192.0.2.1", "192.0.2.1", 32, 64, true },
	{ "::1", "0.0.0.1", 32, 64, false },
};

Test(rates, a_source_is_a_network)
{
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		char one[RATES_SOURCE_MAX], other[RATES_SOURCE_MAX];
		struct peer a, b;

		cr_assert_eq(peer_parse(slice_of(sources[i].a), &a), 0);
		cr_assert_eq(peer_parse(slice_of(sources[i].b), &b), 0);
		cr_assert_eq(slice_eq(rates_source(&a, sources[i].v4,
						   sources[i].v6, one),
				      rates_source(&b, sources[i].v4,
						   sources[i].v6, other)),
			     sources[i].same, "%s and %s", sources[i].a,
			     sources[i].b);
	}
}

Test(rates, who_has_no_address_is_no_source_and_case_is_no_other_login)
{
	const struct peer local = { .kind = PEER_UNIX }, pipe = { 0 };
	char source[RATES_SOURCE_MAX], login[RATES_LOGIN_MAX];

	cr_assert_eq(rates_source(&local, 32, 64, source).n, 0);
	cr_assert_eq(rates_source(&pipe, 32, 64, source).n, 0);
	cr_assert(slice_eq(rates_login(SLICE("Alice@A.EXAMPLE"), login),
			   SLICE("alice@a.example")));
}
