/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "pop3/reply.h"

/* RFC 1939 §3: 512 octets at most, printable; every row says where from. */
Test(reply, rows)
{
	for (unsigned i = 0; i < POP3_REPLIES; i++) {
		const struct pop3_reply_row *row = pop3_reply_row(i);

		cr_assert(row->text && row->source, "row %u", i);
		cr_expect(strlen(row->text) < 200, "row %u", i);
		cr_expect(row->text[0] != '[', "row %u", i);
		cr_expect(!row->ok || !row->code, "row %u", i);
		for (const char *p = row->text; *p; p++)
			cr_expect(*p >= ' ' && *p < 127, "row %u", i);
	}
}
