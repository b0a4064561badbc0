/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/log.h"

static const struct log_kind kind = { "0", 6, "something happened" };

Test(log, a_line_of_text)
{
	const struct log_field fields[] = {
		{ "QUEUE_ID", SLICE("abc") },
		{ "FROM", SLICE("a b\"\n") },
		{ "EMPTY", SLICE_NONE },
	};
	struct buf line = BUF(1000);

	log_format(&line, &kind, fields, ARRAY_LEN(fields));
	cr_assert(slice_eq(buf_slice(&line),
			   SLICE("something happened queue-id=abc "
				 "from=\"a b\\\"\\x0A\"")),
		  "%.*s", (int)line.n, line.p);
	buf_done(&line);
}

static void count(void *context, const struct log_kind *k,
		  const struct log_field *fields, size_t n)
{
	(void)fields;
	cr_assert_eq(k, &kind);
	*(size_t *)context += n;
}

Test(log, goes_to_the_sink)
{
	const struct log_field field = { "X", SLICE("y") };
	size_t n = 0;

	log_event(&kind, &field, 1);
	log_set_sink(count, &n);
	log_event(&kind, &field, 1);
	log_set_sink(NULL, NULL);
	log_event(&kind, &field, 1);
	cr_assert_eq(n, 1);
}
