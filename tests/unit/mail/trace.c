/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "mail/header.h"
#include "mail/trace.h"

#define EVIL "x\r\nBcc: a\n (\"\\)<>;,\0\x7f\xc3\xa4"

static const struct trace ours = {
	.host = { "mx.example", 10 },
	.with = { "ESMTP", 5 },
	.id = { "0123abc", 7 },
};

static void expect(const struct trace *t, const char *line)
{
	struct buf b = BUF(4096);

	cr_assert_eq(trace_received(&b, t), 0);
	cr_expect(slice_eq(buf_slice(&b), slice_of(line)), "%.*s",
		  SLICE_ARG(buf_slice(&b)));
	buf_done(&b);
}

Test(trace, says_where_mail_came_from)
{
	struct trace t = ours;

	t.helo = SLICE("client.example");
	t.peer_name = SLICE("c.example.net");
	t.peer_ip = SLICE("192.0.2.1");
	t.only_for = SLICE("a@example.org");
	expect(&t, "Received: from client.example (c.example.net [192.0.2.1])\n"
		   "\tby mx.example with ESMTP id 0123abc\n"
		   "\tfor <a@example.org>;\n"
		   "\tThu, 1 Jan 1970 00:00:00 +0000\n");
	t.peer_name = SLICE_NONE;
	t.only_for = SLICE_NONE;
	t.peer_ip = SLICE("IPv6:2001:db8::1");
	t.helo = SLICE("[IPv6:2001:db8::1]");
	t.with = SLICE("UTF8SMTP");
	expect(&t, "Received: from [IPv6:2001:db8::1] ([IPv6:2001:db8::1])\n"
		   "\tby mx.example with UTF8SMTP id 0123abc;\n"
		   "\tThu, 1 Jan 1970 00:00:00 +0000\n");
	t.helo = SLICE("");
	t.peer_ip = SLICE_NONE;
	expect(&t, "Received: from unknown (a pipe)\n"
		   "\tby mx.example with UTF8SMTP id 0123abc;\n"
		   "\tThu, 1 Jan 1970 00:00:00 +0000\n");
}

static void count(void *context, struct slice name, struct slice body)
{
	size_t *n = context;

	(void)name;
	cr_expect_eq(slice_find(body, '\0'), body.n);
	++*n;
}

/* Lines that begin no field and are no continuation, or control characters,
 * or more than one field: something got out. */
static void expect_one_field(struct slice text)
{
	struct header_scan h;
	struct slice line, rest = text;
	size_t n = 0;

	header_scan_start(&h, count, &n);
	cr_expect(!header_scan_push(&h, text));
	header_scan_end(&h);
	header_scan_done(&h);
	cr_expect_eq(n, 1);
	cr_expect(slice_ends(text, SLICE("\n")));
	while (slice_field(&rest, '\n', &line)) {
		cr_expect_leq(line.n, 998);
		cr_expect_eq(slice_find(line, '\r'), line.n);
	}
}

Test(trace, lets_nothing_break_out)
{
	struct buf b = BUF(4096);
	struct trace t = ours;
	char endless[3000];

	memset(endless, 'x', sizeof(endless));
	t.helo = SLICE(EVIL);
	t.peer_name = SLICE(EVIL);
	t.peer_ip = SLICE("192.0.2.1");
	t.only_for = SLICE("\"" EVIL "\"@b");
	cr_assert_eq(trace_received(&b, &t), 0);
	expect_one_field(buf_slice(&b));
	cr_expect(
		slice_starts(buf_slice(&b), SLICE("Received: from x??Bcc:?a")));
	cr_expect_null(memmem(b.p, b.n, "for <", 5));
	buf_reset(&b);
	t.helo = t.peer_name = t.only_for =
		(struct slice){ endless, sizeof(endless) };
	cr_assert_eq(trace_received(&b, &t), 0);
	expect_one_field(buf_slice(&b));
	buf_reset(&b);
	cr_assert_eq(trace_return_path(&b, SLICE(EVIL)), 0);
	expect_one_field(buf_slice(&b));
	buf_reset(&b);
	cr_assert_eq(trace_delivered_to(&b, SLICE(EVIL)), 0);
	expect_one_field(buf_slice(&b));
	buf_done(&b);
}

Test(trace, shows_only_harmless_recipients)
{
	static const struct {
		const char *address;
		bool shown;
	} rows[] = {
		{ "a@b", true },     { "j\xc3\xbcrgen@b", true },
		{ "", false },       { "\"a b\"@c", false },
		{ "a>@b", false },   { "a(b)@c", false },
		{ "\xff@b", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b = BUF(4096);
		struct trace t = ours;

		t.only_for = slice_of(rows[i].address);
		cr_assert_eq(trace_received(&b, &t), 0);
		cr_expect_eq(memmem(b.p, b.n, "for <", 5) != NULL,
			     rows[i].shown, "%s", rows[i].address);
		buf_done(&b);
	}
}

Test(trace, writes_final_delivery)
{
	struct buf b = BUF(4096);

	cr_assert_eq(trace_return_path(&b, SLICE("\"a b\"@c")), 0);
	cr_assert_eq(trace_return_path(&b, SLICE("")), 0);
	cr_assert_eq(trace_delivered_to(&b, SLICE("a@b")), 0);
	cr_expect(slice_eq(buf_slice(&b), SLICE("Return-Path: <\"a b\"@c>\n"
						"Return-Path: <>\n"
						"Delivered-To: a@b\n")));
	buf_done(&b);
}

Test(trace, says_when_there_is_no_room)
{
	for (size_t room = 0; room < 60; room++) {
		struct buf b = BUF(room);

		cr_expect_eq(trace_received(&b, &ours), -EMSGSIZE);
		buf_reset(&b);
		if (room < 24) {
			cr_expect_eq(trace_return_path(&b, SLICE("abcdefghi")),
				     -EMSGSIZE);
			buf_reset(&b);
			cr_expect_eq(
				trace_delivered_to(&b, SLICE("abcdefghij")),
				-EMSGSIZE);
		}
		buf_done(&b);
	}
}
