/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "deliver/dsn.h"
#include "post.h"

static struct buf report;

static int collect(void *context, struct slice bytes)
{
	(void)context;
	return buf_put(&report, bytes);
}

static bool says(const char *part)
{
	return memmem(report.p, report.n, part, strlen(part));
}

static int original(const char *text, size_t n)
{
	char name[] = "/tmp/postern-dsn-XXXXXX";
	int fd = mkstemp(name);

	cr_assert(fd >= 0 && unlink(name) == 0);
	cr_assert_eq(file_write(fd, (struct slice){ text, n }), 0);
	return fd;
}

static void write_report(enum dsn_action action, struct envelope *env,
			 const char *text, size_t n)
{
	static const bool about[] = { true };
	struct dsn d = {
		.env = env,
		.about = about,
		.action = action,
		.host = SLICE("mx.here.example"),
		.postmaster = SLICE("postmaster@here.example"),
		.to = env->from,
		.now_us = NOON_US,
		.expire_us = NOON_US + 5 * 24 * HOUR_US,
		.fd = original(text, n),
		.length = n,
		.full_max = 4096,
	};

	buf_done(&report);
	report = BUF(1 << 20);
	cr_assert_eq(dsn_write(&d, collect, NULL), 0);
	(void)close(d.fd);
}

/* What another host said cannot leave its field. */
Test(dsn, hostile_values_stay_on_their_line)
{
	struct recipient to = {
		.address = SLICE("b\n\nAction: delivered@x"),
		.orcpt = SLICE("rfc822;a+0Ab+2Bc"),
		.status = SLICE("5.1.1\nX: y"),
		.remote = SLICE("evil\nRemote: x"),
		.detail = SLICE("550 no\n\n--\nFrom: me\377\0x"),
		.attempts = 1,
	};
	struct envelope env = { .from = SLICE("a@b"),
				.to = &to,
				.n_to = 1,
				.envid = SLICE("q+3Dx+0D+0AEvil: 1") };

	write_report(DSN_FAILED, &env, "Subject: x\n\nbody\n", 17);
	cr_assert(!says("\nAction: delivered"));
	cr_assert(!says("\nX: y"));
	cr_assert(!says("\nRemote: "));
	cr_assert(!says("\nEvil:"));
	cr_assert(!says("\nFrom: me"));
	cr_assert(says("\nOriginal-Recipient: rfc822;a\\x0Ab+c\n"));
	cr_assert(says("\nOriginal-Envelope-Id: q=x"));
	cr_assert(says("\nStatus: 5.0.0\n"));
	cr_assert(says("\nAuto-Submitted: auto-replied\n"));
	cr_assert(says("Content-Type: text/rfc822-headers\n"));
	cr_assert(!says("\nbody\n"));
	buf_done(&report);
}

Test(dsn, the_whole_message_where_it_was_asked_for)
{
	static char long_one[8192];
	struct recipient to = { .address = SLICE("b@x") };
	struct envelope env = {
		.from = SLICE("a@b"), .to = &to, .n_to = 1, .ret = DSN_RET_FULL
	};

	memset(long_one, 'y', sizeof(long_one));
	memcpy(long_one, "Subject: x\n\n", 12);
	write_report(DSN_FAILED, &env, long_one, 1000);
	cr_assert(says("Content-Type: message/rfc822\n"));
	cr_assert(says("yyyy"));
	write_report(DSN_FAILED, &env, long_one, sizeof(long_one));
	cr_assert(says("Content-Type: text/rfc822-headers\n"));
	cr_assert(!says("yyyy"));
	env.requiretls = true; /* RFC 8689 §5: never */
	write_report(DSN_FAILED, &env, long_one, 1000);
	cr_assert(!says("yyyy"));
	env.requiretls = false;
	write_report(DSN_DELAYED, &env, long_one, 1000);
	cr_assert(!says("yyyy"));
	cr_assert(
		says("\nWill-Retry-Until: Sat, 28 Nov 2026 12:00:00 +0000\n"));
	buf_done(&report);
}

Test(dsn, utf8_has_its_own_types)
{
	struct recipient to = { .address = SLICE("gr\303\274n@x") };
	struct envelope env = {
		.from = SLICE("a@b"), .to = &to, .n_to = 1, .smtputf8 = true
	};

	write_report(DSN_FAILED, &env, "Subject: \303\274\n\n", 13);
	cr_assert(says("Content-Type: message/global-delivery-status\n"));
	cr_assert(says("Content-Type: message/global-headers\n"));
	cr_assert(says("\nFinal-Recipient: utf-8; gr\303\274n@x\n"));
	buf_done(&report);
}

Test(dsn, an_endless_header_is_cut_at_a_line)
{
	enum { LINES = 5000 };
	struct recipient to = { .address = SLICE("b@x") };
	struct envelope env = { .from = SLICE("a@b"), .to = &to, .n_to = 1 };
	char *text = malloc(LINES * 32 + 1);
	size_t n = 0;

	for (int i = 0; i < LINES; i++)
		n += (size_t)snprintf(text + n, 33, "X-Line: %018d ends\n", i);
	write_report(DSN_FAILED, &env, text, n);
	cr_assert(says(" ends\n\n--"));
	cr_assert_lt(report.n, DSN_HEADER_MAX + 4096);
	free(text);
	buf_done(&report);
}
