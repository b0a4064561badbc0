/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "mail/date.h"

#define SECOND 1000000LL

Test(date, writes_three_ways)
{
	static const struct {
		int64_t seconds;
		const char *rfc5322, *mbox, *iso;
	} rows[] = {
		{ 0, "Thu, 1 Jan 1970 00:00:00 +0000",
		  "Thu Jan  1 00:00:00 1970", "1970-01-01T00:00:00Z" },
		{ 1795418103, "Mon, 23 Nov 2026 07:15:03 +0000",
		  "Mon Nov 23 07:15:03 2026", "2026-11-23T07:15:03Z" },
		{ 951782399, "Mon, 28 Feb 2000 23:59:59 +0000",
		  "Mon Feb 28 23:59:59 2000", "2000-02-28T23:59:59Z" },
		{ 4102444800, "Fri, 1 Jan 2100 00:00:00 +0000",
		  "Fri Jan  1 00:00:00 2100", "2100-01-01T00:00:00Z" },
	};

	(void)setenv("TZ", "America/New_York", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[DATE_MAX];
		int64_t back = -1;

		date_rfc5322(rows[i].seconds * SECOND, text);
		cr_expect_str_eq(text, rows[i].rfc5322);
		date_mbox(rows[i].seconds * SECOND, text);
		cr_expect_str_eq(text, rows[i].mbox);
		date_iso(rows[i].seconds * SECOND + 999999, text);
		cr_expect_str_eq(text, rows[i].iso);
		cr_expect_eq(date_parse_iso(text, &back), 0);
		cr_expect_eq(back, rows[i].seconds * SECOND);
	}
}

Test(date, refuses_what_it_did_not_write)
{
	static const char *const rows[] = {
		"",
		"2026-11-23",
		"2026-11-23T07:15:03",
		"2026-11-23T07:15:03Zx",
		"2026-11-23 07:15:03Z",
		"2026-02-31T07:15:03Z",
		"2026-13-01T07:15:03Z",
		"2026-11-23T24:15:03Z",
		"2026-11-23T07:15:3Z",
		" 2026-11-23T07:15:03Z",
		"26-11-23T07:15:03Z",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t at = 7;

		cr_expect_eq(date_parse_iso(rows[i], &at), -EINVAL, "%s",
			     rows[i]);
		cr_expect_eq(at, 7, "%s", rows[i]);
	}
}

Test(date, reads_the_from_lines)
{
	static const struct {
		const char *text, *iso;
	} rows[] = {
		{ "Mon Nov 23 07:15:03 2026", "2026-11-23T07:15:03Z" },
		{ "  Thu Jan  1 00:00:00 1970", "1970-01-01T00:00:00Z" },
		{ "Mon Feb 28 23:59 2000", "2000-02-28T23:59:00Z" },
		{ "Mon Feb 28 23:59:59 CET 2000 +0100",
		  "2000-02-28T23:59:59Z" },
		{ "Mon Feb 28 23:59:59 2000 remote from x",
		  "2000-02-28T23:59:59Z" },
		{ "Mon, 28 Feb 2000 3:9:5 +0000", "2000-02-28T03:09:05Z" },
		{ "Mon, 28 Feb 2000", NULL },
		{ "Mon, Feb 28 3:9:5 2000", NULL },
		{ "Mon Feb 28 24:59:59 2000", NULL },
		{ "Mon Feb 28 23.59 2000", NULL },
		{ "Mon Feb 0 23:59 2000", NULL },
		{ "Feb 28 23:59 2000", NULL },
		{ "mon feb 28 23:59 00", "2000-02-28T23:59:00Z" },
		{ "Mon Feb 28 23:59 99", "1999-02-28T23:59:00Z" },
		{ "Mon Feb 28 23:59 x", NULL },
		{ "Mon", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[DATE_MAX];
		int64_t us = 0;
		int r = date_parse_mbox(slice_of(rows[i].text), &us);

		cr_expect_eq(r, rows[i].iso ? 0 : -EINVAL, "%s", rows[i].text);
		date_iso(us, text);
		if (rows[i].iso)
			cr_expect_str_eq(text, rows[i].iso);
	}
}
