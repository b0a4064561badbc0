/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>

#include "base/clock.h"
#include "trust/greylist.h"
#include "tests/unit/scratch.h"

#define HEADER 64
#define FILE_N (HEADER + (4096 + 2048) * 8 * 16)
#define MIN_MS ((int64_t)60000)
#define DAY_MS ((int64_t)86400 * 1000)
#define FROM   SLICE("s@x.example")
#define TO     SLICE("alice@red.example")

static const struct greylist_times times = {
	.delay_s = 300,
	.window_s = 2 * 86400,
	.known_s = 36 * 86400,
};

TestSuite(greylist, .init = scratch_new, .fini = scratch_done);

static struct greylist *open_it(void)
{
	struct greylist *g;

	cr_assert_eq(greylist_open(scratch_path, &times, &g), 0);
	return g;
}

static bool passes(struct greylist *g, const char *peer, struct slice from,
		   struct slice to)
{
	struct peer p;

	cr_assert_eq(peer_parse(slice_of(peer), &p), 0, "%s", peer);
	return greylist_passes(g, &p, from, to);
}

static bool one(struct greylist *g)
{
	return passes(g, "192.0.2.1", FROM, TO);
}

Test(greylist, who_comes_back_in_time_passes)
{
	struct greylist *g = open_it();

	cr_assert_not(one(g));
	clock_advance_ms(5 * MIN_MS - 1000);
	cr_assert_not(one(g), "too soon");
	clock_advance_ms(1000);
	cr_assert(one(g), "an early attempt must not begin the wait anew");
	greylist_close(g);
	g = open_it();
	cr_assert(one(g), "it did not outlive a restart");
	greylist_close(g);
}

Test(greylist, who_comes_back_too_late_begins_anew)
{
	struct greylist *g = open_it();

	cr_assert_not(one(g));
	clock_advance_ms(2 * DAY_MS + 1000);
	cr_assert_not(one(g));
	clock_advance_ms(4 * MIN_MS);
	cr_assert_not(one(g));
	clock_advance_ms(MIN_MS);
	cr_assert(one(g));
	greylist_close(g);
}

Test(greylist, only_the_same_attempt_is_coming_back)
{
	struct greylist *g = open_it();

	cr_assert_not(one(g));
	clock_advance_ms(10 * MIN_MS);
	cr_assert_not(passes(g, "192.0.2.1", SLICE("t@x.example"), TO));
	cr_assert_not(passes(g, "192.0.2.1", FROM, SLICE("bob@red.example")));
	cr_assert_not(passes(g, "192.0.3.1", FROM, TO));
	/* "ab" "c" is not "a" "bc" */
	cr_assert_not(passes(g, "192.0.2.1", SLICE("s@x.examplea"),
			     SLICE("lice@red.example")));
	cr_assert(one(g));
	greylist_close(g);
}

Test(greylist, who_has_come_back_is_known_with_his_network)
{
	struct greylist *g = open_it();

	cr_assert_not(one(g));
	cr_assert_not(passes(g, "2001:db8::1", SLICE_NONE, TO));
	clock_advance_ms(5 * MIN_MS);
	cr_assert(passes(g, "192.0.2.99", FROM, TO), "another of the network");
	cr_assert(passes(g, "192.0.2.7", SLICE("any@y.example"), TO));
	cr_assert(passes(g, "2001:db8::2", SLICE_NONE, TO));
	cr_assert(passes(g, "2001:db8::3", FROM, TO));
	cr_assert_not(passes(g, "2001:db8:0:1::3", FROM, TO));
	greylist_close(g);
}

Test(greylist, who_is_known_stays_so_while_he_sends)
{
	struct greylist *g = open_it();

	cr_assert_not(one(g));
	clock_advance_ms(5 * MIN_MS);
	cr_assert(one(g));
	for (int i = 0; i < 10; i++) {
		clock_advance_ms(20 * DAY_MS);
		cr_assert(passes(g, "192.0.2.1", SLICE_NONE, TO), "%d", i);
	}
	clock_advance_ms(36 * DAY_MS + 1000);
	cr_assert_not(passes(g, "192.0.2.1", SLICE_NONE, TO));
	greylist_close(g);
}

Test(greylist, without_a_file_or_an_address_all_pass)
{
	const struct peer local = { .kind = PEER_UNIX };
	struct greylist *g = open_it();

	cr_assert(greylist_passes(g, &local, FROM, TO));
	cr_assert(one(NULL));
	greylist_close(g);
	greylist_close(NULL);
}

/* A network that tries all names pushes out what lies beside its own. */
Test(greylist, a_flood_from_one_network_leaves_most_others_alone)
{
	struct greylist *g = open_it();
	char text[40];
	unsigned passed = 0;

	for (unsigned i = 0; i < 200; i++) {
		(void)snprintf(text, sizeof(text), "10.1.%u.1", i);
		cr_assert_not(passes(g, text, FROM, TO));
	}
	clock_advance_ms(MIN_MS);
	for (unsigned i = 0; i < 20000; i++) {
		(void)snprintf(text, sizeof(text), "n%u@red.example", i);
		cr_assert_not(passes(g, "198.51.100.7", FROM, slice_of(text)));
	}
	clock_advance_ms(5 * MIN_MS);
	for (unsigned i = 0; i < 200; i++) {
		(void)snprintf(text, sizeof(text), "10.1.%u.1", i);
		passed += passes(g, text, FROM, TO);
	}
	cr_assert_geq(passed, 190, "only %u of 200 were remembered", passed);
	greylist_close(g);
}

/* Whatever stands in the file: nobody is put off for ever. */
Test(greylist, damage_delays_once_at_most)
{
	static const uint8_t patterns[] = { 0xff, 0x7f, 0x80, 0x01, 0x65, 0 };
	struct greylist *g = open_it();

	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		int fd = open(scratch_path, O_WRONLY | O_CLOEXEC);
		char junk[4096];

		cr_assert_geq(fd, 0);
		memset(junk, patterns[i], sizeof(junk));
		for (off_t at = HEADER; at < FILE_N; at += sizeof(junk))
			cr_assert(pwrite(fd, junk, sizeof(junk), at) > 0);
		cr_assert_eq(close(fd), 0);
		cr_assert_not(one(g), "%x", patterns[i]);
		clock_advance_ms(5 * MIN_MS);
		cr_assert(one(g), "%x", patterns[i]);
	}
	cr_assert_eq(truncate(scratch_path, 0), 0);
	cr_assert_not(one(g));
	greylist_close(g);
}

Test(greylist, a_clock_set_back_puts_nobody_off_for_ever)
{
	struct greylist *g = open_it();

	cr_assert_not(one(g));
	clock_freeze(1600000000000000, 0);
	cr_assert_not(one(g));
	clock_advance_ms(5 * MIN_MS);
	cr_assert(one(g));
	greylist_close(g);
}

/* What is yet to come makes room first: a file full of it holds as many as an
 * empty one. */
Test(greylist, damage_leaves_all_of_the_room)
{
	struct greylist *g = open_it();
	int fd = open(scratch_path, O_WRONLY | O_CLOEXEC);
	unsigned passed = 0;
	char junk[4096], text[40];

	cr_assert_geq(fd, 0);
	memset(junk, 0x7f, sizeof(junk));
	for (off_t at = HEADER; at < FILE_N; at += sizeof(junk))
		cr_assert(pwrite(fd, junk, sizeof(junk), at) > 0);
	cr_assert_eq(close(fd), 0);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 12000; i++) {
			(void)snprintf(text, sizeof(text), "10.%u.%u.1", i >> 8,
				       i & 255);
			passed += passes(g, text, FROM, TO);
		}
		clock_advance_ms(5 * MIN_MS);
	}
	cr_assert_geq(passed, 11000, "%u of 12000", passed);
	greylist_close(g);
}
