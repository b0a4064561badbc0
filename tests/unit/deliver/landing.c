/* SPDX-License-Identifier: ISC */
/* Whether the owner is told; the mailbox and the note that he was are real
 * where post.c has no double: nothing but the numbers is made up. */
#include <criterion/criterion.h>

#include "post.h"

static int deliver(uint64_t before, uint64_t after)
{
	post.did = (struct mbox_appended){ .now = true,
					   .before = { before, 0 },
					   .after = { after, 0 } };
	post_envelope("alice@far.example");
	post_to("bob@here.example");
	return post_commit("Subject: x\n\n");
}

static void open_limited(void)
{
	post_open();
	post.settings.quota.warn_percent = 90;
	post.quota = (struct quota){ 1000, 0 };
}

/* What came of one delivery after another: the use before and after, and how
 * many messages are in the mailbox then. */
static const struct {
	uint64_t before, after;
	size_t got;
} rows[] = {
	{ 0, 899, 1 },    /* not yet */
	{ 899, 900, 3 },  /* now, */
	{ 900, 1000, 4 }, /* once, */
	{ 810, 990, 5 },  /* and not again just below it */
	{ 809, 899, 6 },  /* armed, but not reached */
	{ 899, 910, 8 },  /* again */
	{ 0, 1000, 10 },  /* emptied meanwhile, and filled by one */
};

Test(landing, tells_once_until_there_was_room, .init = open_limited,
     .fini = post_close)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cr_expect_eq(deliver(rows[i].before, rows[i].after), 0);
		cr_expect_eq(post.n_got, rows[i].got, "row %zu: %zu", i,
			     post.n_got);
	}
	cr_expect(post_got(2, "Return-Path: <>\nDelivered-To: "
			      "bob@here.example\nFrom: "));
	cr_expect(post_got(2, "\nSubject: Your mailbox is 90 % full\n"));
	cr_expect_str_eq(post.got[2].mailbox, "bob");
	cr_expect_eq(post.asked.octets, 0, "no limit keeps a warning out");
}

Test(landing, tells_nobody_who_does_not_want_it, .init = open_limited,
     .fini = post_close)
{
	post.settings.quota.warn_percent = 0;
	cr_expect_eq(deliver(0, 1000), 0);
	post.settings.quota.warn_percent = 90;
	post.quota.octets = 0;
	cr_expect_eq(deliver(0, 1000), 0);
	cr_expect_eq(post.n_got, 2);
}

static void hear(void *context, struct slice mailbox, uint64_t at)
{
	char *said = context;
	size_t n = strlen(said);

	(void)snprintf(said + n, 256 - n, "%.*s@%llu ", SLICE_ARG(mailbox),
		       (unsigned long long)at);
}

/* Every message is announced once, where it is; a repetition is none. */
Test(landing, is_announced, .init = open_limited, .fini = post_close)
{
	char said[256] = "";

	deliver_on_arrival(post.deliver, hear, said);
	cr_expect_eq(deliver(0, 10), 0);
	cr_expect_str_eq(said, "bob@0 ");
	post.did = (struct mbox_appended){ .now = true, .at = 4711 };
	post_envelope("alice@far.example");
	post_to("bob@here.example");
	post_to("eve@here.example");
	cr_expect_eq(post_commit("Subject: x\n\n"), 0);
	cr_expect_str_eq(said, "bob@0 bob@4711 eve@4711 ");
	post.did.now = false;
	cr_expect_eq(post_commit("Subject: x\n\n"), 0);
	cr_expect_str_eq(said, "bob@0 bob@4711 eve@4711 ");
	post.did.now = true;
	post.store_error = -EAGAIN;
	cr_expect_eq(post_commit("Subject: x\n\n"), 0);
	cr_expect_str_eq(said, "bob@0 bob@4711 eve@4711 ");
}

/* A warning that cannot be written fails nothing, and is not forgotten. */
Test(landing, trouble_with_it_is_no_trouble_of_the_message,
     .init = open_limited, .fini = post_close)
{
	post.warning_error = -EIO;
	cr_expect_eq(deliver(0, 950), 0);
	cr_expect_eq(post.n_got, 1);
	cr_expect_eq(post_queued(), 0);
	post.warning_error = 0;
	cr_expect_eq(deliver(950, 960), 0);
	cr_expect_eq(post.n_got, 3);
}
