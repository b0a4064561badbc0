/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <syslog.h>

#include "main/sink.h"

static const struct log_kind kind = {
	.id = "0123456789abcdef0123456789abcdef",
	.level = LOG_NOTICE,
	.text = "something was",
};

/* systemd.io/JOURNAL_NATIVE_PROTOCOL */
Test(sink, a_value_of_two_lines_comes_with_its_length)
{
	static const char wanted[] = "POSTERN_FROM=a=b\n"
				     "POSTERN_DETAIL\n\x03\0\0\0\0\0\0\0x\ny\n"
				     "POSTERN_TO=\n";
	const struct slice after = SLICE("\nPRIORITY=5\nSYSLOG_FACILITY=2\n"
					 "SYSLOG_IDENTIFIER=");
	const struct log_field fields[] = {
		{ "FROM", SLICE("a=b") },
		{ "DETAIL", SLICE("x\ny") },
		{ "TO", SLICE_NONE },
	};
	struct buf record = BUF(1000);
	struct slice all;

	sink_journal_record(&record, &kind, fields, ARRAY_LEN(fields));
	all = buf_slice(&record);
	cr_expect(slice_starts(all, SLICE("MESSAGE=something was")));
	cr_expect_not_null(memmem(all.p, all.n, after.p, after.n));
	cr_expect_gt(all.n, sizeof(wanted));
	cr_expect(slice_eq(slice_from(all, all.n - (sizeof(wanted) - 1)),
			   (struct slice){ wanted, sizeof(wanted) - 1 }));
	buf_done(&record);
}

Test(sink, what_does_not_fit_is_left_out_whole)
{
	static const char much[500];
	const struct log_field fields[] = {
		{ "FROM", { much, sizeof(much) } },
		{ "TO", SLICE("x") },
	};
	struct buf record = BUF(400);

	sink_journal_record(&record, &kind, fields, ARRAY_LEN(fields));
	cr_expect_null(memmem(record.p, record.n, "POSTERN_FROM", 12));
	cr_expect(slice_ends(buf_slice(&record), SLICE("\nPOSTERN_TO=x\n")));
	buf_done(&record);
}
