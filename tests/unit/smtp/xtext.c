/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "smtp/params.h"

Test(xtext, every_byte_and_back)
{
	char all[256];
	struct buf coded = BUF(4096), back = BUF(4096);

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	cr_assert_eq(xtext_encode(&coded, (struct slice){ all, 256 }), 0);
	for (size_t i = 0; i < coded.n; i++)
		cr_assert(coded.p[i] > ' ' && coded.p[i] < 127 &&
			  coded.p[i] != '=');
	cr_assert_eq(xtext_decode(&back, buf_slice(&coded)), 0);
	cr_assert(slice_eq(buf_slice(&back), (struct slice){ all, 256 }));
	buf_done(&coded);
	buf_done(&back);
}

Test(xtext, malformed)
{
	static const char *const bad[] = { "+",   "+4", "+4g", "+2b",
					   "a b", "=",  "\x80" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct buf out = BUF(64);

		cr_assert_eq(xtext_decode(&out, slice_of(bad[i])), -EINVAL,
			     "%s", bad[i]);
		buf_done(&out);
	}
}
