/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "deliver/warning.h"
#include "post.h"

static char *write_one(struct slice to, struct quota q, struct usage u)
{
	const struct warning w = {
		.host = SLICE("mx.here.example"),
		.postmaster = SLICE("root@here.example"),
		.to = to,
		.now_us = NOON_US,
		.quota = q,
		.usage = u,
		.again = 81,
	};
	struct buf b = BUF(8192);

	cr_assert_eq(warning_write(&b, &w), 0);
	cr_assert_eq(buf_put_byte(&b, '\0'), 0);
	return b.p;
}

Test(warning, says_how_much_and_what_to_do)
{
	static const char *const parts[] = {
		"From: Mail Delivery System <root@here.example>\n",
		"\nTo: <bob@here.example>\n",
		"\nSubject: Your mailbox is 92 % full\n",
		"\nDate: Mon, 23 Nov 2026 ",
		"\nMessage-ID: <",
		".quota@mx.here.example>\n",
		"\nAuto-Submitted: auto-generated\n",
		"; charset=us-ascii\n",
		"has used 92 % of 10 MiB.\n",
		"It holds 9.2 MiB in 17 messages;\n"
		"it may hold 10 MiB and 1000 messages.\n",
		"below\n81 %.\n",
	};
	char *text = write_one(SLICE("bob@here.example"),
			       (struct quota){ 10 << 20, 1000 },
			       (struct usage){ 9646900, 17 });

	/* how many were not counted is not said */
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		cr_expect(strstr(text, parts[i]) != NULL, "%s not in %s",
			  parts[i], text);
	free(text);
	text = write_one(SLICE("bob@here.example"),
			 (struct quota){ 10 << 20, 0 },
			 (struct usage){ 9646900, 0 });
	cr_expect(strstr(text, "It holds 9.2 MiB;\n") != NULL, "%s", text);
	free(text);
}

/* No name gets out of its line, and lines stay short. */
Test(warning, a_hostile_name_stays_in_its_line)
{
	char *text = write_one(SLICE("b\xc3\xb6\nX: y@here.example"),
			       (struct quota){ 0, 10 }, (struct usage){ 0, 9 });

	cr_expect(strstr(text, "\nTo: <b\xc3\xb6\\x0AX: y@here.example>\n") !=
			  NULL,
		  "%s", text);
	cr_expect(strstr(text, "; charset=utf-8\n") != NULL);
	cr_expect(strstr(text, "90 % of 10 messages") != NULL, "%s", text);
	free(text);
}
