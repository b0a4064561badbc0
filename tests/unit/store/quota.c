/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include "desk.h"
#include "store/quota.h"

#define TEXT "Subject: x\n\nbody of x\n"

static int put_text(struct store *s, struct quota q, struct mbox_appended *did,
		    struct slice text, const char *once)
{
	const struct mbox_message m = { .real_us = 1795000000000000,
					.text = text,
					.fd = -1,
					.owner = (uid_t)-1,
					.once = slice_of(once),
					.quota = q,
					.ret_did = did };

	return mbox_append(s, SLICE("a"), &m);
}

static int put(struct store *s, struct quota q, struct mbox_appended *did,
	       const char *once)
{
	return put_text(s, q, did, SLICE(TEXT), once);
}

static struct usage used(struct store *s)
{
	struct usage u = { 77, 77 };

	cr_assert_eq(quota_usage(s, SLICE("a"), true, &u), 0);
	return u;
}

Test(quota, nothing_is_used_where_nothing_is)
{
	char path[64];
	struct store *s = desk_store(path, DESK_WAIT_MS);
	struct usage u = { 1, 1 };

	cr_assert_eq(quota_usage(s, SLICE("no"), true, &u), 0);
	cr_expect_eq(u.octets + u.messages, 0);
	cr_assert_eq(quota_usage(s, SLICE("no.example/no"), true, &u), 0);
	cr_assert_eq(quota_usage(s, SLICE("../x"), true, &u), -EINVAL);
	store_close(s);
}

Test(quota, by_size_to_the_octet)
{
	char path[64];
	struct store *s = desk_store(path, DESK_WAIT_MS);
	struct quota q = { .octets = 0 };
	struct mbox_appended did;
	uint64_t one;

	cr_assert_eq(put(s, q, &did, ""), 0);
	one = did.after.octets;
	cr_expect(did.now);
	cr_expect_eq(did.at, 0);
	cr_expect_eq(did.before.octets, 0);
	cr_expect_eq(used(s).octets, one);
	q.octets = 2 * one - 1;
	cr_expect_eq(put(s, q, NULL, ""), -EDQUOT);
	cr_expect_eq(used(s).octets, one, "nothing was written");
	q.octets = one - 1;
	cr_expect_eq(put(s, q, NULL, ""), -E2BIG, "never, full or not");
	cr_expect_eq(used(s).octets, one);
	q.octets = 2 * one;
	cr_expect_eq(put(s, q, &did, ""), 0);
	cr_expect_eq(did.at, one);
	cr_expect_eq(did.before.octets, one);
	cr_expect_eq(used(s).octets, 2 * one);
	cr_expect_eq(used(s).messages, 2);
	cr_expect_eq(desk_count(s, "a", "x"), 2);
	store_close(s);
}

/* Measured like written, also where it is written in pieces. */
Test(quota, a_large_message_to_the_octet)
{
	char path[64], *text = malloc(500000);
	struct store *s = desk_store(path, DESK_WAIT_MS);
	struct slice large = { text, 500000 };
	struct quota q = { .octets = 0 };
	struct mbox_appended did;

	memset(text, '\n', large.n);
	cr_assert_eq(put_text(s, q, &did, large, ""), 0);
	q.octets = 2 * did.after.octets - 1;
	cr_expect_eq(put_text(s, q, NULL, large, ""), -EDQUOT);
	q.octets++;
	cr_expect_eq(put_text(s, q, NULL, large, ""), 0);
	cr_expect_eq(used(s).octets, q.octets);
	free(text);
	store_close(s);
}

Test(quota, by_number)
{
	char path[64];
	struct store *s = desk_store(path, DESK_WAIT_MS);
	struct quota q = { .messages = 2 };
	struct mbox_appended did;

	cr_expect_eq(put(s, q, &did, ""), 0);
	cr_expect_eq(did.after.messages, 1);
	cr_expect_eq(put(s, q, &did, ""), 0);
	cr_expect_eq(did.before.messages, 1);
	cr_expect_eq(did.after.messages, 2);
	cr_expect_eq(put(s, q, &did, ""), -EDQUOT);
	cr_expect_eq(used(s).messages, 2);
	store_close(s);
}

/* A repetition is no second message, full or not. */
Test(quota, a_named_delivery_that_is_done_is_never_over)
{
	char path[64];
	struct store *s = desk_store(path, DESK_WAIT_MS);
	struct quota q = { .messages = 1 };
	struct mbox_appended did;

	cr_expect_eq(put(s, q, &did, "id:0"), 0);
	cr_expect(did.now);
	cr_expect_eq(put(s, q, &did, "id:0"), 0);
	cr_expect_not(did.now);
	cr_expect_eq(put(s, q, &did, "id:1"), -EDQUOT);
	store_close(s);
}

Test(quota, check)
{
	static const struct {
		struct quota q;
		struct usage u;
		uint64_t more;
		int r;
	} rows[] = {
		{ { 0, 0 }, { 5, 5 }, 5, 0 },
		{ { 10, 0 }, { 5, 0 }, 5, 0 },
		{ { 10, 0 }, { 5, 0 }, 6, -EDQUOT },
		{ { 10, 0 }, { 11, 0 }, 0, -EDQUOT },
		{ { 10, 0 }, { 5, 0 }, UINT64_MAX, -EDQUOT },
		{ { 0, 5 }, { 0, 4 }, 9, 0 },
		{ { 0, 5 }, { 0, 5 }, 0, -EDQUOT },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_eq(quota_check(&rows[i].q, &rows[i].u, rows[i].more),
			     rows[i].r, "row %zu", i);
	cr_expect(quota_never(&rows[1].q, 11));
	cr_expect_not(quota_never(&rows[1].q, 10));
	cr_expect_not(quota_never(&rows[0].q, UINT64_MAX));
}

Test(quota, share_is_of_the_limit_that_is_nearer)
{
	static const struct {
		struct quota q;
		struct usage u;
		unsigned share;
		const char *text;
	} rows[] = {
		{ { 0, 0 }, { 5, 5 }, 0, "" },
		{ { 1000000000, 0 }, { 400000000, 5 }, 40, "40 % of 1 GB" },
		{ { 1000000000, 0 }, { 399999999, 5 }, 39, "39 % of 1 GB" },
		{ { 1 << 20, 10 }, { 1 << 19, 9 }, 90, "90 % of 10 messages" },
		{ { 1 << 20, 10 }, { 1 << 19, 4 }, 50, "50 % of 1 MiB" },
		{ { 0, 1 }, { 5, 3 }, 300, "300 % of 1 message" },
		{ { 1 << 10, 0 }, { UINT64_MAX, 0 }, 9999, "9999 % of 1 KiB" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b = BUF(64);
		struct quota of;

		cr_expect_eq(quota_share(&rows[i].q, &rows[i].u, &of),
			     rows[i].share, "row %zu", i);
		cr_assert_eq(quota_format_share(&b, &rows[i].q, &rows[i].u), 0);
		cr_expect(slice_eq(buf_slice(&b), slice_of(rows[i].text)),
			  "%s: %.*s", rows[i].text, SLICE_ARG(buf_slice(&b)));
		buf_done(&b);
	}
}

Test(quota, the_owner_is_told_once_until_it_is_forgotten)
{
	char path[64], file[128];
	struct store *s = desk_store(path, DESK_WAIT_MS);
	struct stat st;

	cr_expect_eq(quota_warn_again(s, SLICE("a")), 0, "no .postern yet");
	cr_expect_eq(quota_warn_once(s, SLICE("a")), 1);
	cr_expect_eq(quota_warn_once(s, SLICE("a")), 0);
	(void)snprintf(file, sizeof(file), "%s/.postern/a.quota", path);
	cr_expect_eq(stat(file, &st), 0);
	cr_expect_eq(quota_warn_once(s, SLICE("b")), 1, "each has its own");
	cr_expect_eq(quota_warn_again(s, SLICE("a")), 0);
	cr_expect_eq(quota_warn_again(s, SLICE("a")), 0);
	cr_expect_eq(quota_warn_once(s, SLICE("a")), 1);
	store_close(s);
}
