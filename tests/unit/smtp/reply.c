/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "smtp/reply.h"

Test(reply, every_row_is_sound)
{
	for (int i = 0; i < REPLY_COUNT; i++) {
		const struct reply_row *row = reply_row((enum reply_id)i);

		cr_expect_eq(row->id, i);
		cr_expect(row->code >= 200 && row->code < 600, "row %d", i);
		cr_expect(row->enhanced[0] == '\0' ||
				  (unsigned)(row->enhanced[0] - '0') ==
					  row->code / 100,
			  "row %d", i);
		cr_expect_lt(strlen(row->text), 100, "row %d", i);
		cr_expect_gt(strlen(row->source), 0, "row %d", i);
	}
}

Test(reply, a_detail_cannot_leave_its_line)
{
	char evil[2000];
	struct buf out = BUF(4096);
	struct stream *s = stream_new_memory(SLICE_NONE, 0, &out);

	memset(evil, '\n', sizeof(evil));
	for (int i = 0; i < REPLY_COUNT; i++) {
		buf_reset(&out);
		reply_put(s, (struct verdict){ (enum reply_id)i,
					       { evil, sizeof(evil) } });
		cr_assert_eq(stream_flush(s), 0);
		cr_expect_leq(out.n, 512, "row %d", i);
		cr_expect_eq(slice_find(buf_slice(&out), '\n'), out.n - 1,
			     "row %d", i);
	}
	stream_free(s);
	buf_done(&out);
}

Test(reply, theirs_is_read)
{
	const struct {
		const char *in;
		int r;
		unsigned code;
		const char *enhanced;
	} rows[] = {
		{ "250 ok\r\n", 0, 250, "" },
		{ "250\r\n", 0, 250, "" },
		{ "550-5.1.1 no\r\n550 5.1.1 user\r\n", 0, 550, "5.1.1" },
		{ "550 2.1.1 odd class\r\n", 0, 550, "" },
		{ "250-a\r\n251 b\r\n", -EPROTO, 0, "" },
		{ "hello\r\n", -EPROTO, 0, "" },
		{ "250-a\r\n", -ECONNRESET, 0, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stream *s =
			stream_new_memory(slice_of(rows[i].in), 1, NULL);
		struct reply r = { 0 };

		cr_expect_eq(reply_read(s, &r), rows[i].r, "row %zu", i);
		cr_expect_eq(r.code, rows[i].code, "row %zu", i);
		cr_expect_str_eq(r.enhanced, rows[i].enhanced, "row %zu", i);
		reply_done(&r);
		stream_free(s);
	}
}
