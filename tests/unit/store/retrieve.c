/* SPDX-License-Identifier: ISC */
/* What is given out is what came in, with CRLF, as long as was said. */
#include "desk.h"

struct row {
	struct slice in, out;
	size_t lines;
};

static int collect(void *context, struct slice bytes)
{
	return buf_put(context, bytes);
}

#define ALL SIZE_MAX
#define ROW(in, out, n)                                                        \
	{                                                                      \
		SLICE(in), SLICE("H: h\r\n" out), n                            \
	}

static const struct row rows[] = {
	ROW("A: b\n\nx\n", "A: b\r\n\r\nx\r\n", ALL),
	ROW("A: b\n\nno end", "A: b\r\n\r\nno end\r\n", ALL),
	ROW("A: b\n\nFrom me\n>From you\n>>Fro\n",
	    "A: b\r\n\r\nFrom me\r\n>From you\r\n>>Fro\r\n", ALL),
	ROW("A: b\n", "A: b\r\n", ALL),
	ROW("", "", ALL),
	ROW("\n\n\n", "\r\n\r\n\r\n", ALL),
	ROW("A: b\n\n\0\xff\n.\n..\n", "A: b\r\n\r\n\0\xff\r\n.\r\n..\r\n",
	    ALL),
	ROW("A: b\n\n1\n2\n3\n", "A: b\r\n\r\n1\r\n2\r\n", 2),
	ROW("A: b\n\n1\n2\n3\n", "A: b\r\n\r\n", 0),
};

Test(retrieve, gives_back_what_came_in)
{
	char path[64], name[16];
	struct store *s = desk_store(path, 1000);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct mbox_message msg = { .head = SLICE("H: h\n"),
						  .text = rows[i].in,
						  .fd = -1,
						  .owner = (uid_t)-1 };
		struct buf got = BUF(1U << 16);
		struct maildrop *m;
		int64_t wait_ms;

		(void)snprintf(name, sizeof(name), "b%zu", i);
		cr_assert_eq(mbox_append(s, slice_of(name), &msg), 0);
		cr_assert_eq(mbox_append(s, slice_of(name), &msg), 0);
		cr_assert_eq(maildrop_open(s, slice_of(name), 0, &m, &wait_ms),
			     0);
		cr_assert_eq(maildrop_count(m), 2);
		cr_assert_eq(maildrop_read(m, 0, rows[i].lines, collect, &got),
			     0);
		cr_assert(slice_eq(buf_slice(&got), rows[i].out),
			  "row %zu: %.*s", i, SLICE_ARG(buf_slice(&got)));
		cr_assert(rows[i].lines != ALL ||
			  maildrop_octets(m, 0) == got.n);
		maildrop_close(m);
		buf_done(&got);
	}
	store_close(s);
}
