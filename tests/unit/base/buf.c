/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/buf.h"

Test(buf, never_beyond_its_ceiling)
{
	struct buf b = BUF(10);

	cr_assert_eq(buf_put(&b, SLICE("12345")), 0);
	cr_assert_eq(buf_put(&b, SLICE("123456")), -EMSGSIZE);
	cr_assert(slice_eq(buf_slice(&b), SLICE("12345")));
	cr_assert_eq(buf_printf(&b, "%d", 67890), 0);
	cr_assert_eq(buf_put_byte(&b, 'x'), -EMSGSIZE);
	cr_assert_eq(buf_put(&b, SLICE_NONE), 0);
	cr_assert_eq(buf_reserve(&b, SIZE_MAX), -EMSGSIZE);
	cr_assert_leq(b.room, 10);
	buf_done(&b);
	cr_assert_eq(b.ceiling, 10);
	cr_assert_eq(buf_put(&b, SLICE("again")), 0);
	buf_done(&b);
}

Test(buf, drop_and_reset)
{
	struct buf b = BUF(100);

	cr_assert_eq(buf_put(&b, SLICE("abcdef")), 0);
	buf_drop(&b, 2);
	cr_assert(slice_eq(buf_slice(&b), SLICE("cdef")));
	buf_drop(&b, 100);
	cr_assert_eq(b.n, 0);
	cr_assert_eq(buf_put(&b, SLICE("x")), 0);
	buf_reset(&b);
	cr_assert_eq(b.n, 0);
	buf_done(&b);
}

Test(buf, grows)
{
	struct buf b = BUF(100000);

	for (int i = 0; i < 100000; i++)
		cr_assert_eq(buf_put_byte(&b, (char)i), 0);
	for (int i = 0; i < 100000; i++)
		cr_assert_eq(b.p[i], (char)i);
	buf_done(&b);
}
