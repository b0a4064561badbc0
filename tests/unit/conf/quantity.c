/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "conf/quantity.h"

static const struct {
	const char *text;
	int result;
	uint64_t ms;
} durations[] = {
	{ "0", 0, 0 },
	{ "90", 0, 90000 },
	{ "300 ms", 0, 300 },
	{ "30 s", 0, 30000 },
	{ "5 min", 0, 300000 },
	{ "5min", 0, 300000 },
	{ "4 h", 0, 14400000 },
	{ "5 d", 0, 432000000 },
	{ "5  \td", 0, 432000000 },
	{ "", -EINVAL, 0 },
	{ "s", -EINVAL, 0 },
	{ "5 m", -EINVAL, 0 },
	{ "5 MIN", -EINVAL, 0 },
	{ "-5", -EINVAL, 0 },
	{ "1.5 h", -EINVAL, 0 },
	{ "1 h 5 min", -EINVAL, 0 },
	{ "18446744073709551615 d", -ERANGE, 0 },
	{ "18446744073709551616", -ERANGE, 0 },
};

Test(quantity, parses_durations)
{
	for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
		uint64_t ms = 42;
		int r = quantity_parse_ms(slice_of(durations[i].text), &ms);

		cr_assert_eq(r, durations[i].result, "%s", durations[i].text);
		cr_assert_eq(ms, r == 0 ? durations[i].ms : 42, "%s",
			     durations[i].text);
	}
}

static const struct {
	const char *text;
	int result;
	uint64_t octets;
} sizes[] = {
	{ "1024", 0, 1024 },          { "1024 B", 0, 1024 },
	{ "64 KiB", 0, 65536 },       { "50 MiB", 0, 50 << 20 },
	{ "25 MB", 0, 25000000 },     { "25MB", 0, 25000000 },
	{ "10 kB", 0, 10000 },        { "1 TiB", 0, 1ULL << 40 },
	{ "50 M", 0, 50 << 20 },      { "50 mib", -EINVAL, 0 },
	{ "1G", 0, 1 << 30 },         { "1 GB", 0, 1000000000 },
	{ "1 TB", 0, 1000000000000 }, { "1g", -EINVAL, 0 },
	{ "2 T", 0, 2ULL << 40 },     { "7K", 0, 7168 },
	{ "20 KB", 0, 20000 },        { "18446745 TB", -ERANGE, 0 },
	{ "MiB", -EINVAL, 0 },        { "16777216 TiB", -ERANGE, 0 },
};

Test(quantity, parses_sizes)
{
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		uint64_t octets = 42;
		int r = quantity_parse_octets(slice_of(sizes[i].text), &octets);

		cr_assert_eq(r, sizes[i].result, "%s", sizes[i].text);
		cr_assert_eq(octets, r == 0 ? sizes[i].octets : 42, "%s",
			     sizes[i].text);
	}
}

static void same(struct buf *b, const char *text)
{
	cr_assert(slice_eq(buf_slice(b), slice_of(text)), "%.*s is not %s",
		  SLICE_ARG(buf_slice(b)), text);
	buf_reset(b);
}

Test(quantity, formats_without_a_rest)
{
	struct buf b = BUF(64);

	cr_assert_eq(quantity_format_ms(&b, 0), 0);
	same(&b, "0 s");
	cr_assert_eq(quantity_format_ms(&b, 300), 0);
	same(&b, "300 ms");
	cr_assert_eq(quantity_format_ms(&b, 90000), 0);
	same(&b, "90 s");
	cr_assert_eq(quantity_format_ms(&b, 86400000), 0);
	same(&b, "1 d");
	cr_assert_eq(quantity_format_octets(&b, 0), 0);
	same(&b, "0");
	cr_assert_eq(quantity_format_octets(&b, 1000), 0);
	same(&b, "1 kB");
	cr_assert_eq(quantity_format_octets(&b, 1001), 0);
	same(&b, "1001");
	cr_assert_eq(quantity_format_octets(&b, 1000000000), 0);
	same(&b, "1 GB");
	cr_assert_eq(quantity_format_octets(&b, 10000000000), 0);
	same(&b, "10 GB");
	cr_assert_eq(quantity_format_octets(&b, 1024000), 0);
	same(&b, "1000 KiB");
	cr_assert_eq(quantity_format_octets(&b, 3072), 0);
	same(&b, "3 KiB");
	cr_assert_eq(quantity_format_octets(&b, 50 << 20), 0);
	same(&b, "50 MiB");
	buf_done(&b);
}
