/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "auth/brake.h"
#include "base/clock.h"

static char path[] = "/tmp/postern-brake.XXXXXX";

static struct brake *open_it(void)
{
	const struct brake_config c = { path, 3, 60, 3600, { 7 } };

	return brake_open(&c);
}

static void enter(void)
{
	cr_assert_geq(mkstemp(path), 0);
	clock_freeze(1000000000000000, 0);
}

static void leave(void)
{
	clock_thaw();
	(void)unlink(path);
}

#define A SLICE("192.0.2.1")
#define B SLICE("192.0.2.2")

Test(brake, holds_after_the_burst_and_lets_go, .init = enter, .fini = leave)
{
	struct brake *b = open_it(), *other = open_it();

	for (size_t i = 0; i < 3; i++) {
		cr_assert_not(brake_holds(other, A, SLICE("alice")));
		brake_failed(b, A, SLICE("alice"));
	}
	cr_assert(brake_holds(other, A, SLICE("")));
	cr_assert(brake_holds(other, B, SLICE("Alice")));
	cr_assert_not(brake_holds(other, B, SLICE("bob")));
	clock_advance_ms(61000);
	cr_assert_not(brake_holds(b, A, SLICE("alice")));
	brake_failed(b, A, SLICE("alice"));
	cr_assert(brake_holds(b, A, SLICE("alice")));
	brake_close(b);
	brake_close(other);
}

Test(brake, a_known_source_is_not_locked_out_by_others, .init = enter,
     .fini = leave)
{
	struct brake *b = open_it();

	brake_passed(b, B, SLICE("alice"));
	for (size_t i = 0; i < 5; i++)
		brake_failed(b, A, SLICE("alice"));
	cr_assert_not(brake_holds(b, B, SLICE("alice")));
	cr_assert(brake_holds(b, SLICE("192.0.2.3"), SLICE("alice")));
	brake_close(b);
}

Test(brake, a_host_has_its_network_of_ipv6, .init = enter, .fini = leave)
{
	struct brake *b = open_it();

	for (int i = 0; i < 3; i++)
		brake_failed(b, SLICE("2001:db8::1"), SLICE(""));
	cr_assert(brake_holds(b, SLICE("2001:db8::2:3"), SLICE("")));
	cr_assert_not(brake_holds(b, SLICE("2001:db8:0:1::1"), SLICE("")));
	brake_close(b);
}

Test(brake, garbage_holds_nobody, .init = enter, .fini = leave)
{
	FILE *f = fopen(path, "w");
	struct brake *b;

	for (size_t i = 0; i < 200000; i++)
		(void)fputc(0xff, f);
	cr_assert_eq(fclose(f), 0);
	b = open_it();
	cr_assert_not(brake_holds(b, A, SLICE("alice")));
	for (size_t i = 0; i < 3; i++)
		brake_failed(b, A, SLICE("alice"));
	cr_assert(brake_holds(b, A, SLICE("alice")));
	brake_close(b);
	cr_assert_not(brake_holds(NULL, A, SLICE("alice")));
}

Test(brake, a_right_password_is_known_for_a_while, .init = enter, .fini = leave)
{
	struct brake *b = open_it();

	cr_assert_not(brake_remembers(b, A, SLICE("x"), SLICE("$y$1")));
	brake_remember(b, A, SLICE("x"), SLICE("$y$1"));
	cr_assert(brake_remembers(b, A, SLICE("x"), SLICE("$y$1")));
	cr_assert_not(brake_remembers(b, A, SLICE("y"), SLICE("$y$1")));
	cr_assert_not(brake_remembers(b, A, SLICE("x"), SLICE("$y$2")));
	cr_assert_not(brake_remembers(b, B, SLICE("x"), SLICE("$y$1")));
	clock_advance_ms(3601000);
	cr_assert_not(brake_remembers(b, A, SLICE("x"), SLICE("$y$1")));
	brake_close(b);
}
