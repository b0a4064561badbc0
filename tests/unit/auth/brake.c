/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "auth/brake.h"
#include "base/clock.h"
#include "tests/unit/scratch.h"

#define HEADER  64
#define DAY_MS  ((int64_t)86400 * 1000)
#define ALICE   SLICE("alice")
#define LEAK_MS 60000

static const struct brake_limits limits = {
	.source = { .burst = 5, .leak_s = 60 },
	.account = { .burst = 20, .leak_s = 60 },
	.known_s = 7 * 86400,
};

struct slot {
	uint64_t key;
	uint32_t level_s, at_s;
};

TestSuite(brake, .init = scratch_new, .fini = scratch_done);

static struct brake *open_it(void)
{
	struct brake *b;

	cr_assert_eq(brake_open(scratch_path, &limits, &b), 0);
	return b;
}

static struct peer from(const char *text)
{
	struct peer p = { .kind = PEER_NONE };

	cr_assert_eq(peer_parse(slice_of(text), &p), 0, "%s", text);
	return p;
}

/* The i-th of many. */
static struct peer host(unsigned i)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16,
		       (i >> 8) & 255, i & 255);
	return from(text);
}

static void fail_times(struct brake *b, const struct peer *p,
		       struct slice account, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		brake_failed(b, p, account);
}

/* As many as an account takes, each from another host. */
static void attack(struct brake *b, struct slice account)
{
	for (unsigned i = 0; i < limits.account.burst; i++) {
		struct peer p = host(1000 + i);

		cr_assert_not(brake_holds(b, &p, account), "%u", i);
		brake_failed(b, &p, account);
	}
}

Test(brake, a_burst_is_free_and_then_one_each_leak)
{
	struct brake *b = open_it();
	struct peer p = host(1);

	for (unsigned i = 0; i < limits.source.burst; i++) {
		cr_assert_not(brake_holds(b, &p, ALICE), "%u", i);
		brake_failed(b, &p, ALICE);
	}
	for (unsigned i = 0; i < 3; i++) {
		cr_assert(brake_holds(b, &p, ALICE));
		cr_assert(brake_holds(b, &p, SLICE("bob")));
		clock_advance_ms(LEAK_MS - 1000);
		cr_assert(brake_holds(b, &p, ALICE));
		clock_advance_ms(1000);
		cr_assert_not(brake_holds(b, &p, ALICE));
		brake_failed(b, &p, ALICE);
	}
	clock_advance_ms(LEAK_MS * limits.source.burst);
	fail_times(b, &p, ALICE, limits.source.burst - 1);
	cr_assert_not(brake_holds(b, &p, ALICE), "it did not leak to nothing");
	brake_close(b);
}

Test(brake, counts_four_bursts_at_most)
{
	struct brake *b = open_it();
	struct peer p = host(1);

	fail_times(b, &p, ALICE, 1000);
	clock_advance_ms((int64_t)LEAK_MS * 3 * limits.source.burst);
	cr_assert(brake_holds(b, &p, SLICE("bob")));
	clock_advance_ms(LEAK_MS);
	cr_assert_not(brake_holds(b, &p, SLICE("bob")));
	brake_close(b);
}

static const struct {
	const char *fails, *tries;
	bool held;
} sources[] = {
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "::ffff:192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "192.0.2.1", "193.0.2.1", false },
	{ "2001:db8::1", "2001:db8::1", true },
	{ "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true },
	{ "2001:db8::1", "2001:db8:0:1::1", false },
	{ "::1", "127.0.0.1", false },
};

Test(brake, a_source_is_an_address_or_a_64)
{
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		struct brake *b;
		struct peer fails = from(sources[i].fails);
		struct peer tries = from(sources[i].tries);

		cr_assert_eq(truncate(scratch_path, 0), 0);
		b = open_it();
		fail_times(b, &fails, ALICE, limits.source.burst);
		cr_assert_eq(brake_holds(b, &tries, SLICE("bob")),
			     sources[i].held, "%s %s", sources[i].fails,
			     sources[i].tries);
		brake_close(b);
	}
}

Test(brake, who_has_no_address_is_a_source_too)
{
	static const struct peer pipe_end = { .kind = PEER_NONE },
				 one = { .kind = PEER_UNIX, .uid = 1000 },
				 two = { .kind = PEER_UNIX, .uid = 1001 };
	struct brake *b = open_it();

	fail_times(b, &one, ALICE, limits.source.burst);
	cr_assert(brake_holds(b, &one, ALICE));
	cr_assert_not(brake_holds(b, &two, ALICE));
	cr_assert_not(brake_holds(b, &pipe_end, ALICE));
	fail_times(b, &pipe_end, ALICE, limits.source.burst);
	cr_assert(brake_holds(b, &pipe_end, ALICE));
	cr_assert_not(brake_holds(b, &two, ALICE));
	brake_close(b);
}

Test(brake, passing_forgets_the_sources_failures_at_this_account)
{
	struct brake *b = open_it();
	struct peer p = host(1), q = host(2);

	fail_times(b, &p, ALICE, limits.source.burst);
	fail_times(b, &q, ALICE, limits.source.burst);
	brake_passed(b, &p, SLICE("Alice"));
	cr_assert_not(brake_holds(b, &p, SLICE("bob")));
	cr_assert(brake_holds(b, &q, SLICE("bob")));
	fail_times(b, &p, SLICE("bob"), limits.source.burst - 1);
	cr_assert_not(brake_holds(b, &p, ALICE));
	fail_times(b, &p, ALICE, 1);
	cr_assert(brake_holds(b, &p, ALICE));
	/* but once */
	brake_passed(b, &p, ALICE);
	brake_passed(b, &p, ALICE);
	cr_assert_not(brake_holds(b, &p, ALICE));
	fail_times(b, &p, SLICE("bob"), 1);
	cr_assert(brake_holds(b, &p, ALICE));
	brake_close(b);
}

Test(brake, an_account_of_ones_own_buys_no_guesses_at_others)
{
	struct brake *b = open_it();
	struct peer p = host(1);
	unsigned n = 0;

	while (n < 100 && !brake_holds(b, &p, SLICE("bob"))) {
		brake_failed(b, &p, SLICE("bob"));
		brake_passed(b, &p, ALICE);
		n++;
	}
	cr_assert_eq(n, limits.source.burst);
	cr_assert(brake_holds(b, &p, ALICE));
	brake_close(b);
}

Test(brake, what_has_leaked_is_not_taken_back_again)
{
	struct brake *b = open_it();
	struct peer p = host(1);

	fail_times(b, &p, ALICE, 3);
	clock_advance_ms(2 * LEAK_MS);
	fail_times(b, &p, SLICE("bob"), limits.source.burst - 1);
	cr_assert(brake_holds(b, &p, ALICE));
	brake_passed(b, &p, ALICE);
	cr_assert_not(brake_holds(b, &p, ALICE));
	fail_times(b, &p, SLICE("bob"), 1);
	cr_assert(brake_holds(b, &p, ALICE));
	brake_close(b);
}

Test(brake, who_has_no_name_yet_is_his_source_alone)
{
	struct brake *b = open_it();
	struct peer p = host(1), q;

	fail_times(b, &p, SLICE(""), limits.source.burst);
	cr_assert(brake_holds(b, &p, SLICE("")));
	cr_assert(brake_holds(b, &p, ALICE));
	for (unsigned i = 0; i < 2 * limits.account.burst; i++) {
		q = host(1000 + i);
		brake_failed(b, &q, SLICE(""));
	}
	q = host(2);
	cr_assert_not(brake_holds(b, &q, SLICE("")));
	attack(b, ALICE);
	cr_assert_not(brake_holds(b, &q, SLICE("")));
	brake_close(b);
}

Test(brake, an_attacked_account_opens_to_its_own_only)
{
	struct brake *b = open_it();
	struct peer home = host(1), stranger = host(2), neighbour = host(3);

	brake_passed(b, &home, ALICE);
	brake_passed(b, &neighbour, SLICE("bob"));
	attack(b, ALICE);
	cr_assert(brake_holds(b, &stranger, ALICE));
	cr_assert(brake_holds(b, &stranger, SLICE("ALICE")));
	cr_assert(brake_holds(b, &neighbour, ALICE));
	cr_assert_not(brake_holds(b, &home, ALICE));
	cr_assert_not(brake_holds(b, &home, SLICE("Alice")));
	cr_assert_not(brake_holds(b, &stranger, SLICE("bob")));
	/* but not without end */
	fail_times(b, &home, ALICE, limits.source.burst);
	cr_assert(brake_holds(b, &home, ALICE));
	clock_advance_ms(LEAK_MS);
	cr_assert_not(brake_holds(b, &stranger, ALICE));
	brake_close(b);
}

Test(brake, the_known_do_not_brake_their_account)
{
	struct brake *b = open_it();
	struct peer home = host(1), stranger = host(2);

	brake_passed(b, &home, ALICE);
	fail_times(b, &home, ALICE, limits.account.burst);
	cr_assert(brake_holds(b, &home, ALICE));
	cr_assert_not(brake_holds(b, &stranger, ALICE));
	brake_close(b);
}

Test(brake, without_a_source_the_account_is_braked_alone)
{
	struct brake *b = open_it();
	struct peer p = host(1);

	brake_passed(b, NULL, ALICE);
	for (unsigned i = 0; i < limits.account.burst; i++) {
		cr_assert_not(brake_holds(b, NULL, ALICE), "%u", i);
		brake_failed(b, NULL, ALICE);
	}
	cr_assert(brake_holds(b, NULL, ALICE));
	brake_passed(b, NULL, ALICE);
	cr_assert(brake_holds(b, NULL, ALICE));
	cr_assert(brake_holds(b, &p, ALICE));
	cr_assert_not(brake_holds(b, &p, SLICE("bob")));
	cr_assert_not(brake_holds(b, NULL, SLICE("bob")));
	fail_times(b, NULL, SLICE(""), 1000);
	cr_assert_not(brake_holds(b, NULL, SLICE("")));
	brake_close(b);
}

Test(brake, known_good_is_for_some_days)
{
	struct brake *b = open_it();
	struct peer home = host(1);

	brake_passed(b, &home, ALICE);
	clock_advance_ms(7 * DAY_MS - 1000);
	attack(b, ALICE);
	cr_assert_not(brake_holds(b, &home, ALICE));
	clock_advance_ms(1000);
	cr_assert(brake_holds(b, &home, ALICE));
	brake_close(b);
}

Test(brake, accounts_differ_in_more_than_case_and_length_is_no_matter)
{
	struct brake *b = open_it();
	struct peer stranger = host(1);
	char name[12288];

	memset(name, 'a', sizeof(name));
	attack(b, (struct slice){ name, sizeof(name) });
	cr_assert(brake_holds(b, &stranger,
			      (struct slice){ name, sizeof(name) }));
	cr_assert_not(brake_holds(b, &stranger, (struct slice){ name, 319 }));
	attack(b, SLICE("a\0b"));
	cr_assert(brake_holds(b, &stranger, SLICE("A\0B")));
	cr_assert_not(brake_holds(b, &stranger, SLICE("a\0c")));
	cr_assert_not(brake_holds(b, &stranger, SLICE("")));
	brake_close(b);
}

Test(brake, two_handles_count_together)
{
	struct brake *a = open_it(), *b = open_it();
	struct peer p = host(1);

	fail_times(a, &p, ALICE, 3);
	fail_times(b, &p, ALICE, 2);
	cr_assert(brake_holds(a, &p, ALICE));
	cr_assert(brake_holds(b, &p, ALICE));
	brake_passed(a, &p, ALICE);
	cr_assert_not(brake_holds(b, &p, ALICE));
	brake_close(a);
	brake_close(b);
	b = open_it();
	attack(b, SLICE("dave"));
	brake_close(b);
	b = open_it();
	cr_assert_not(brake_holds(b, &p, ALICE));
	cr_assert(brake_holds(b, &p, SLICE("dave")));
	brake_close(b);
}

Test(brake, many_processes_at_once_lose_little)
{
	struct peer p = host(1), q = host(2);
	struct brake *b = open_it();

	for (int i = 0; i < 4; i++) {
		pid_t pid = fork();

		cr_assert_geq(pid, 0);
		if (pid == 0) {
			struct brake *mine;

			if (brake_open(scratch_path, &limits, &mine) < 0)
				_exit(1);
			fail_times(mine, &p, ALICE, 200);
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++) {
		int status = -1;

		cr_assert_geq(wait(&status), 0);
		cr_assert_eq(status, 0);
	}
	cr_assert(brake_holds(b, &p, ALICE));
	cr_assert(brake_holds(b, &q, ALICE));
	cr_assert_not(brake_holds(b, &q, SLICE("bob")));
	brake_close(b);
}

/* ---- counted before it is checked ---- */

static struct brake_try try_from(const struct peer *p, struct slice account)
{
	return (struct brake_try){ .source = p, .account = account };
}

Test(brake, what_is_being_checked_counts_until_it_turns_out)
{
	static const struct {
		enum brake_outcome outcome;
		bool held;
	} ends[] = {
		{ BRAKE_FAILED, true },
		{ BRAKE_PASSED, false },
		{ BRAKE_NEITHER, false },
	};
	struct peer p = host(1);

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct brake_try t = try_from(&p, ALICE);
		struct brake *b;

		cr_assert_eq(truncate(scratch_path, 0), 0);
		b = open_it();
		fail_times(b, &p, SLICE("bob"), limits.source.burst - 1);
		cr_assert(brake_begin(b, &t));
		brake_end(b, &t, ends[i].outcome);
		brake_end(b, &t, BRAKE_PASSED); /* it has ended */
		cr_assert_eq(brake_holds(b, &p, ALICE), ends[i].held, "%zu", i);
		t = try_from(&p, SLICE("carol"));
		cr_assert_eq(brake_begin(b, &t), !ends[i].held, "%zu", i);
		brake_close(b);
	}
}

Test(brake, right_logins_leave_nothing_in_either_bucket)
{
	struct brake *b = open_it();

	for (unsigned i = 0; i < 3 * limits.account.burst; i++) {
		struct peer p = host(1 + i % 2);
		struct brake_try t = try_from(i % 3 ? &p : NULL, ALICE);

		cr_assert(brake_begin(b, &t), "%u", i);
		brake_end(b, &t, i % 2 ? BRAKE_PASSED : BRAKE_NEITHER);
	}
	attack(b, ALICE);
	brake_close(b);
}

/* Forks; in the child it returns true, and the child is to _exit. */
static bool is_child(void)
{
	pid_t pid = fork();

	cr_assert_geq(pid, 0);
	return pid == 0;
}

static unsigned how_many_say_yes(unsigned n)
{
	unsigned yes = 0;

	for (unsigned i = 0; i < n; i++) {
		int status = -1;

		cr_assert_geq(wait(&status), 0);
		cr_assert(WIFEXITED(status));
		yes += WEXITSTATUS(status) == 0;
	}
	return yes;
}

/* The child's life: 0, it was let in. */
static int one_of_many(enum brake_outcome outcome, uint64_t takes_us)
{
	struct peer p = host(1);
	struct brake_try t = try_from(&p, ALICE);
	struct brake *b;

	if (brake_open(scratch_path, &limits, &b) < 0)
		return 2;
	if (!brake_begin(b, &t))
		return 1;
	clock_thaw();
	clock_pause_us(takes_us);
	brake_end(b, &t, outcome);
	return 0;
}

Test(brake, guesses_at_one_moment_are_a_burst_as_well)
{
	for (unsigned i = 0; i < 40; i++)
		if (is_child())
			_exit(one_of_many(BRAKE_FAILED, 100000));
	cr_assert_eq(how_many_say_yes(40), limits.source.burst);
}

Test(brake, many_devices_at_one_moment_do_not_brake_each_other)
{
	for (unsigned i = 0; i < 40; i++)
		if (is_child())
			_exit(one_of_many(BRAKE_PASSED, 20000));
	cr_assert_eq(how_many_say_yes(40), 40);
}

Test(brake, who_dies_while_he_is_checked_has_failed_once)
{
	struct peer p = host(1);
	struct brake_try t = try_from(&p, ALICE);
	struct brake *b = open_it();

	cr_assert(brake_begin(b, &t));
	fail_times(b, &p, ALICE, limits.source.burst - 1);
	clock_advance_ms(LEAK_MS / 2); /* and nobody waits for him for ever */
	cr_assert(brake_holds(b, &p, ALICE));
	clock_advance_ms(LEAK_MS / 2);
	cr_assert_not(brake_holds(b, &p, ALICE));
	brake_close(b);
}

Test(brake, only_what_was_counted_is_taken_back)
{
	struct brake *b = open_it();
	struct peer home = host(1), stranger = host(2);
	struct brake_try t = try_from(&home, ALICE);

	/* from a known source: not against the account */
	brake_passed(b, &home, ALICE);
	attack(b, ALICE);
	cr_assert(brake_begin(b, &t));
	brake_end(b, &t, BRAKE_NEITHER);
	cr_assert(brake_holds(b, &stranger, ALICE));
	brake_close(b);
}

Test(brake, what_anothers_success_took_back_is_not_taken_back_again)
{
	struct brake *b = open_it();
	struct peer p = host(1);
	struct brake_try t = try_from(&p, ALICE);

	cr_assert(brake_begin(b, &t));
	brake_passed(b, &p, ALICE);
	fail_times(b, &p, SLICE("bob"), limits.source.burst);
	brake_end(b, &t, BRAKE_NEITHER);
	cr_assert(brake_holds(b, &p, ALICE));
	brake_close(b);
}

Test(brake, what_was_taken_back_a_success_does_not_take_again)
{
	struct brake *b = open_it();
	struct peer p = host(1);
	struct brake_try t = try_from(&p, ALICE);

	cr_assert(brake_begin(b, &t));
	brake_end(b, &t, BRAKE_NEITHER);
	fail_times(b, &p, SLICE("bob"), limits.source.burst);
	brake_passed(b, &p, ALICE);
	cr_assert(brake_holds(b, &p, ALICE));
	brake_close(b);
}

/* As many as a source takes, none of which has turned out yet. */
static void begin_burst(struct brake *b, const struct peer *p,
			struct brake_try *ret)
{
	for (unsigned i = 0; i < limits.source.burst; i++) {
		ret[i] = try_from(p, ALICE);
		cr_assert(brake_begin(b, &ret[i]));
	}
}

Test(brake, who_only_looks_waits_for_others_success_too)
{
	struct brake *b = open_it();
	struct peer p = host(1);
	struct brake_try t[8];

	begin_burst(b, &p, t);
	if (is_child()) {
		clock_pause_us(100000);
		for (unsigned i = 0; i < limits.source.burst; i++)
			brake_end(b, &t[i], BRAKE_PASSED);
		_exit(0);
	}
	cr_assert_not(brake_holds(b, &p, SLICE("bob")));
	cr_assert_eq(how_many_say_yes(1), 1);
	brake_close(b);
}

static int64_t since_ms(struct timespec began)
{
	struct timespec now;

	cr_assert_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return (int64_t)(now.tv_sec - began.tv_sec) * 1000 +
	       (now.tv_nsec - began.tv_nsec) / 1000000;
}

static struct timespec begun(void)
{
	struct timespec t;

	cr_assert_eq(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return t;
}

Test(brake, nobody_waits_for_much_longer_than_three_seconds)
{
	struct brake *b = open_it();
	struct peer p = host(1);
	struct brake_try t[8], late = try_from(&p, SLICE("bob"));
	struct timespec began = begun();
	int64_t ms;

	clock_thaw();
	begin_burst(b, &p, t);
	if (is_child()) {
		bool held = brake_holds(b, &p, SLICE("bob"));

		ms = since_ms(began);
		_exit(held && ms >= 2000 && ms < 15000 ? 0 : 1);
	}
	cr_assert_not(brake_begin(b, &late));
	ms = since_ms(began);
	cr_assert(ms >= 2000 && ms < 15000, "%lld ms", (long long)ms);
	cr_assert_eq(how_many_say_yes(1), 1);
	brake_close(b);
}

/* The file is somebody else's, who does not let go: each waits for him, but
 * not for ever. */
Test(brake, who_counts_locks_the_file)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct brake *b = open_it();
	struct peer p = host(1);
	struct brake_try t = try_from(&p, ALICE);
	int fd = open(scratch_path, O_RDWR);
	struct timespec began = begun();

	cr_assert_geq(fd, 0);
	cr_assert_eq(fcntl(fd, F_OFD_SETLK, &lock), 0);
	cr_assert(brake_begin(b, &t));
	cr_assert_geq(since_ms(began), 100, "begun without the lock");
	began = begun();
	brake_end(b, &t, BRAKE_FAILED);
	cr_assert_geq(since_ms(began), 100, "ended without the lock");
	began = begun();
	brake_failed(b, &p, ALICE);
	cr_assert_geq(since_ms(began), 100, "failed without the lock");
	cr_assert_eq(close(fd), 0);
	fail_times(b, &p, ALICE, limits.source.burst - 2);
	cr_assert(brake_holds(b, &p, ALICE), "not counted");
	brake_close(b);
}

/* Each slot in the file that has a key, or each at all. */
static void change(void (*how)(struct slot *, unsigned *seed), bool all)
{
	int fd = open(scratch_path, O_RDWR);
	unsigned seed = 1;
	struct slot s;

	cr_assert_geq(fd, 0);
	for (off_t at = HEADER; pread(fd, &s, sizeof(s), at) == sizeof(s);
	     at += (off_t)sizeof(s)) {
		if (s.key == 0 && !all)
			continue;
		how(&s, &seed);
		cr_assert_eq(pwrite(fd, &s, sizeof(s), at), sizeof(s));
	}
	cr_assert_eq(close(fd), 0);
}

static void overfill(struct slot *s, unsigned *seed)
{
	(void)seed;
	s->level_s = UINT32_MAX;
}

static void postdate(struct slot *s, unsigned *seed)
{
	(void)seed;
	s->at_s = UINT32_MAX;
}

static void both(struct slot *s, unsigned *seed)
{
	overfill(s, seed);
	postdate(s, seed);
}

static void garble(struct slot *s, unsigned *seed)
{
	s->key = (uint64_t)rand_r(seed) << 32 | (uint64_t)rand_r(seed);
	s->level_s = (uint32_t)rand_r(seed) << 1;
	s->at_s = (uint32_t)rand_r(seed) << 1;
}

Test(brake, no_level_and_no_time_is_believed_beyond_its_bound)
{
	static void (*const ways[])(struct slot *,
				    unsigned *) = { overfill, postdate, both };

	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct brake *b;
		struct peer p = host(1), q = host(2);

		cr_assert_eq(truncate(scratch_path, 0), 0);
		b = open_it();
		fail_times(b, &p, ALICE, limits.account.burst);
		change(ways[i], false);
		cr_assert(brake_holds(b, &p, SLICE("bob")), "%zu", i);
		cr_assert(brake_holds(b, &q, ALICE), "%zu", i);
		/* from then on it leaks, though nothing was written */
		clock_advance_ms((int64_t)LEAK_MS * 4 * limits.account.burst);
		cr_assert_not(brake_holds(b, &p, SLICE("bob")), "%zu", i);
		cr_assert_not(brake_holds(b, &q, ALICE), "%zu", i);
		brake_close(b);
	}
}

Test(brake, a_clock_set_back_holds_nobody_longer)
{
	struct brake *b = open_it();
	struct peer p = host(1), q = host(2);

	fail_times(b, &p, ALICE, 1);
	fail_times(b, &q, SLICE("carol"), limits.source.burst);
	clock_advance_ms(-365 * DAY_MS);
	cr_assert_not(brake_holds(b, &p, ALICE));
	cr_assert(brake_holds(b, &q, ALICE));
	clock_advance_ms(LEAK_MS);
	cr_assert_not(brake_holds(b, &q, ALICE));
	brake_close(b);
}

Test(brake, garbage_holds_nobody_and_makes_room)
{
	struct brake *b = open_it();
	struct peer home = host(1), p;

	change(garble, true);
	for (unsigned i = 0; i < 80; i++) {
		p = host(5000 + i);
		cr_assert_not(brake_holds(b, &p, ALICE), "%u", i);
	}
	brake_passed(b, &home, ALICE);
	/* many share a set, but hardly ever five, which is one too many:
	 * if garbage stayed, two were */
	for (unsigned i = 0; i < 80; i++) {
		p = host(5000 + i);
		fail_times(b, &p, ALICE, limits.source.burst);
	}
	for (unsigned i = 0; i < 80; i++) {
		p = host(5000 + i);
		cr_assert(brake_holds(b, &p, SLICE("bob")), "%u", i);
	}
	p = host(2);
	cr_assert(brake_holds(b, &p, ALICE));
	cr_assert_not(brake_holds(b, &home, ALICE));
	brake_close(b);
}

Test(brake, cut_short_it_forgets)
{
	struct brake *b = open_it();
	struct peer p = host(1);

	fail_times(b, &p, ALICE, limits.source.burst);
	cr_assert_eq(truncate(scratch_path, HEADER), 0);
	cr_assert_not(brake_holds(b, &p, ALICE));
	fail_times(b, &p, ALICE, limits.source.burst);
	cr_assert(brake_holds(b, &p, ALICE));
	brake_close(b);
	b = open_it();
	cr_assert_not(brake_holds(b, &p, ALICE), "not made anew");
	brake_close(b);
}

Test(brake, many_strangers_push_out_neither_the_attacked_nor_the_known)
{
	struct brake *b = open_it();
	struct peer home = host(1), p;
	struct stat before, after;

	cr_assert_eq(stat(scratch_path, &before), 0);
	brake_passed(b, &home, ALICE);
	attack(b, ALICE);
	for (unsigned i = 0; i < 20000; i++) {
		char name[16];

		p = host(0x10000 + i);
		(void)snprintf(name, sizeof(name), "n%u", i);
		brake_failed(b, &p, slice_of(name));
	}
	p = host(2);
	cr_assert(brake_holds(b, &p, ALICE));
	cr_assert_not(brake_holds(b, &home, ALICE));
	cr_assert_eq(stat(scratch_path, &after), 0);
	cr_assert_eq(after.st_size, before.st_size);
	brake_close(b);
}

Test(brake, nothing_names_anybody_in_the_file)
{
	struct brake *b = open_it();
	struct peer p = host(1);
	static char all[300000];
	int fd = open(scratch_path, O_RDONLY);
	ssize_t n;

	brake_failed(b, &p, SLICE("alice@example.org"));
	brake_passed(b, &p, SLICE("alice@example.org"));
	brake_close(b);
	n = read(fd, all, sizeof(all));
	cr_assert_eq(close(fd), 0);
	cr_assert_gt(n, HEADER);
	cr_assert_null(memmem(all, (size_t)n, "alice", 5));
}

Test(brake, a_burst_of_none_never_holds)
{
	static const struct brake_limits none = { .known_s = 60 };
	struct brake *b;
	struct peer p = host(1);

	cr_assert_eq(brake_open(scratch_path, &none, &b), 0);
	fail_times(b, &p, ALICE, 100);
	cr_assert_not(brake_holds(b, &p, ALICE));
	brake_close(b);
}

Test(brake, the_largest_limits_do_not_wrap)
{
	static const struct brake_limits most = {
		.source = { UINT_MAX, UINT_MAX },
		.account = { 2, 1U << 31 },
		.known_s = UINT_MAX,
	};
	struct brake *b;
	struct peer p = host(1);

	cr_assert_eq(brake_open(scratch_path, &most, &b), 0);
	fail_times(b, &p, ALICE, 1);
	cr_assert_not(brake_holds(b, &p, ALICE));
	fail_times(b, &p, ALICE, 1);
	cr_assert(brake_holds(b, &p, ALICE));
	cr_assert_not(brake_holds(b, &p, SLICE("bob")));
	brake_passed(b, &p, ALICE);
	cr_assert_not(brake_holds(b, &p, ALICE));
	brake_close(b);
}

Test(brake, what_cannot_be_opened_is_said_and_done_without)
{
	struct brake *b = NULL;
	struct peer p = host(1);

	cr_assert_eq(chmod(scratch_path, 0644), 0);
	cr_assert_eq(brake_open(scratch_path, &limits, &b), -EPERM);
	cr_assert_null(b);
	fail_times(b, &p, ALICE, 100);
	brake_passed(b, &p, ALICE);
	cr_assert_not(brake_holds(b, &p, ALICE));
	brake_close(b);
}
