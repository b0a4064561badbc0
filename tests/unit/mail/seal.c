/* SPDX-License-Identifier: ISC */
#include "mail/seal.h"

#include <criterion/criterion.h>

#define DIGEST "0123456789abcdef"

Test(seal, is_read_as_it_was_written)
{
	static const struct seal rows[] = {
		{ 1, 0, 0, DIGEST, "" },
		{ 999999999999U, UINT64_MAX, 17, "ffffffffffffffff", "" },
		{ 1234, 5, 1ULL << 62, DIGEST, "4XyZ.7-bob@red.example" },
		{ 1ULL << 62, 5, 6, DIGEST,
		  "123456789012345678901234567890123456789012345678901234567890"
		  "123" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char line[SEAL_MAX];
		size_t n = seal_format(&rows[i], line);
		struct seal s;

		cr_assert_eq(n, strlen(line));
		cr_assert_eq(line[n - 1], '\n');
		cr_assert_eq(seal_parse((struct slice){ line, n - 1 }, &s), 0,
			     "row %zu: %s", i, line);
		cr_expect_eq(s.length, rows[i].length, "row %zu", i);
		cr_expect_eq(s.inode, rows[i].inode, "row %zu", i);
		cr_expect_eq(s.offset, rows[i].offset, "row %zu", i);
		cr_expect_str_eq(s.digest, rows[i].digest, "row %zu", i);
		cr_expect_str_eq(s.once, rows[i].once, "row %zu", i);
	}
}

Test(seal, is_as_long_whatever_the_length)
{
	struct seal s = { 1, 2, 3, DIGEST, "" };
	char line[SEAL_MAX];
	size_t n = seal_format(&s, line);

	cr_expect_str_eq(line, "X-Postern-Seal: 000000000001 " DIGEST
			       " 2-000000000003\n");
	s.length = 999999999999U;
	cr_expect_eq(seal_format(&s, line), n);
}

Test(seal, refuses_what_is_none)
{
	static const char *const rows[] = {
		"",
		"X-Postern-Seal",
		"X-Postern-Seal:",
		"X-Postern-Seal: 1",
		"X-Postern-Seal: 1 " DIGEST,
		"X-Postern-Seal: 1 " DIGEST " ",
		"X-Postern-Seal: 1 " DIGEST " 2",
		"X-Postern-Seal: 1 " DIGEST " 2-",
		"X-Postern-Seal: 1 " DIGEST " -3",
		"X-Postern-Seal: 1 " DIGEST " 2-9999999999999999999",
		"X-Postern-Seal: -1 " DIGEST " 2-3",
		"X-Postern-Seal: 1x " DIGEST " 2-3",
		"X-Postern-Seal: 18446744073709551616 " DIGEST " 2-3",
		"X-Postern-Seal: 1 " DIGEST "0 2-3",
		"X-Postern-Seal: 1 0123456789abcde 2-3",
		"X-Postern-Seal: 1 0123456789abcdeF 2-3",
		"X-Postern-Seal: 1 0123456789abcdeg 2-3",
		"X-Postern-Seal: 1 " DIGEST " 2-3 a b",
		"X-Postern-Seal: 1 " DIGEST " 2-3 \x7f",
		"X-Postern-Seal: 1 " DIGEST " 2-3 \xe4",
		"X-Postern-Seal: 1 " DIGEST " 2-3 a\r",
		"X-Postern-Seal: 1 " DIGEST " 2-3 "
		"1234567890123456789012345678901234567890123456789012345678901"
		"234",
		"Subject: 1 " DIGEST,
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seal s;

		cr_expect_eq(seal_parse(slice_of(rows[i]), &s), -EBADMSG,
			     "row %zu", i);
	}
}

Test(seal, is_known_by_its_name)
{
	cr_expect(seal_is(SLICE("x-POSTERN-seal: whatever")));
	cr_expect(seal_is(SLICE("X-Postern-Seal:")));
	cr_expect_not(seal_is(SLICE("X-Postern-Seal")));
	cr_expect_not(seal_is(SLICE("X-Postern-Seal-2: x")));
	cr_expect_not(seal_is(SLICE_NONE));
}
