/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "desk.h"
#include "store/keeper.h"
#include "store/keeper_wire.h"
#include "store/quota.h"

#define TEXT "Subject: x\n\nbody of x\n"

/* A store whose work is done by a process of its own. */
struct office {
	char path[64];
	struct store *own; /* as the keeper has it */
	struct store *s;
	pid_t keeper;
	int fd; /* of the session */
};

static struct office open_office(void)
{
	const struct store_options options = { .lock_wait_ms = DESK_WAIT_MS,
					       .dotlock = true };
	struct office o = { .own = desk_store(o.path, DESK_WAIT_MS) };
	int pair[2];

	cr_assert_eq(store_open(o.path, &options, &o.s), 0);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	o.keeper = fork();
	cr_assert_geq(o.keeper, 0);
	if (o.keeper == 0) {
		(void)close(pair[0]);
		keeper_serve(o.own, pair[1]);
		_exit(0);
	}
	(void)close(pair[1]);
	o.fd = pair[0];
	keeper_hire(o.s, o.fd);
	return o;
}

/* It ends by itself when the session does. */
static void close_office(struct office *o)
{
	int status = 1;

	store_close(o->s);
	cr_assert_eq(waitpid(o->keeper, &status, 0), o->keeper);
	cr_expect_eq(status, 0);
	store_close(o->own);
}

static struct mbox_message message(struct slice text)
{
	return (struct mbox_message){ .real_us = 1795000000000000,
				      .sender = SLICE("a@blue.example"),
				      .head = SLICE("Return-Path: <a@b>\n"),
				      .text = text,
				      .fd = -1,
				      .owner = (uid_t)-1,
				      .once = SLICE("") };
}

Test(keeper, does_what_the_store_does)
{
	struct office o = open_office();
	struct mbox_message m = message(SLICE(TEXT));
	struct mbox_appended did = { .at = 7 };
	struct usage u, mine;

	m.ret_did = &did;
	cr_assert_eq(mbox_append(o.s, SLICE("a"), &m), 0);
	cr_expect(did.now);
	cr_expect_eq(did.at, 0);
	cr_assert_eq(quota_usage(o.s, SLICE("a"), true, &u), 0);
	cr_assert_eq(quota_usage(o.own, SLICE("a"), true, &mine), 0);
	cr_expect_eq(u.messages, 1);
	cr_expect_eq(u.octets, mine.octets);
	cr_expect_eq(u.octets, did.after.octets);
	m.quota.octets = u.octets + 1;
	cr_expect_eq(mbox_append(o.s, SLICE("a"), &m), -EDQUOT);
	cr_expect_eq(mbox_append(o.s, SLICE("../a"), &m), -EINVAL);
	cr_expect_eq(desk_count(o.own, "a", "x"), 1);
	close_office(&o);
}

Test(keeper, a_named_delivery_and_a_warning_once)
{
	struct office o = open_office();
	struct mbox_message m = message(SLICE(TEXT));
	struct mbox_appended did;

	m.once = SLICE("id:1");
	m.ret_did = &did;
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(mbox_append(o.s, SLICE("b.example/a"), &m), 0);
		cr_expect_eq(did.now, i == 0);
	}
	cr_expect_eq(desk_count(o.own, "b.example/a", "x"), 1);
	cr_assert_eq(mbox_append_forget(o.s, SLICE("b.example/a"), m.once), 0);
	cr_assert_eq(mbox_append(o.s, SLICE("b.example/a"), &m), 0);
	cr_expect(did.now);
	cr_expect_eq(quota_warn_once(o.s, SLICE("a")), 1);
	cr_expect_eq(quota_warn_once(o.s, SLICE("a")), 0);
	cr_expect_eq(quota_warn_again(o.s, SLICE("a")), 0);
	cr_expect_eq(quota_warn_once(o.s, SLICE("a")), 1);
	close_office(&o);
}

/* Of any length, from a file as from memory. */
Test(keeper, long_messages)
{
	static const size_t lengths[] = { 1, 65536, 262144, 262145, 3000001 };
	struct office o = open_office();
	struct stat st;
	off_t before = 0;

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct mbox_message m = message(SLICE(""));
		char path[128];
		char *text = malloc(lengths[i]);

		cr_assert(text);
		memset(text, 'x', lengths[i]);
		text[lengths[i] - 1] = '\n';
		m.fd = memfd_create("m", MFD_CLOEXEC);
		m.offset = 3;
		m.length = lengths[i];
		cr_assert_eq(file_write(m.fd, SLICE("---")), 0);
		cr_assert_eq(
			file_write(m.fd, (struct slice){ text, lengths[i] }),
			0);
		cr_assert_eq(mbox_append(o.s, SLICE("a"), &m), 0, "%zu",
			     lengths[i]);
		(void)snprintf(path, sizeof(path), "%s/a", o.path);
		cr_assert_eq(stat(path, &st), 0);
		cr_expect_gt(st.st_size - before, (off_t)lengths[i]);
		cr_expect_lt(st.st_size - before, (off_t)lengths[i] + 300);
		before = st.st_size;
		(void)close(m.fd);
		free(text);
	}
	close_office(&o);
}

Test(keeper, has_died)
{
	struct office o = open_office();
	struct mbox_message m = message(SLICE(TEXT));
	struct usage u;

	(void)kill(o.keeper, SIGKILL);
	(void)waitpid(o.keeper, NULL, 0);
	cr_expect_lt(mbox_append(o.s, SLICE("a"), &m), 0);
	cr_expect_lt(quota_usage(o.s, SLICE("a"), false, &u), 0);
	cr_expect_lt(mbox_append_forget(o.s, SLICE("a"), SLICE("id:1")), 0);
	store_close(o.s);
	store_close(o.own);
}

/* Too long for it: nothing was said, and it is there for the next. */
Test(keeper, a_head_that_is_too_long)
{
	struct office o = open_office();
	struct mbox_message m = message(SLICE(TEXT));
	static char head[KEEPER_TEXT_MAX + 1];

	memset(head, 'x', sizeof(head));
	m.head = (struct slice){ head, sizeof(head) };
	cr_expect_eq(mbox_append(o.s, SLICE("a"), &m), -E2BIG);
	m.head = SLICE("");
	cr_expect_eq(mbox_append(o.s, SLICE("a"), &m), 0);
	close_office(&o);
}

/* What an intruder in the session says: the keeper goes, or says no. */
Test(keeper, believes_nothing)
{
	static const struct {
		enum keeper_verb verb;
		size_t n;
		uint64_t length;
		bool goes;
	} rows[] = {
		{ KEEPER_APPEND, KEEPER_TEXT_MAX + 1, 0, true },
		{ KEEPER_APPEND, SIZE_MAX, 0, true },
		{ (enum keeper_verb)99, 0, 0, false },
		{ KEEPER_USAGE, 0, UINT64_MAX, false },
		{ KEEPER_APPEND, 0, 0, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct office o = open_office();
		struct keeper_reply reply;
		struct keeper_request q;
		int r;

		memset(&q, 0, sizeof(q));
		q.verb = rows[i].verb;
		q.n[KEEPER_MAILBOX] = rows[i].n;
		q.length = rows[i].length;
		cr_assert_eq(keeper_put(o.fd, (struct slice){ (char *)&q,
							      sizeof(q) }),
			     0);
		r = keeper_take(o.fd, &reply, sizeof(reply));
		cr_expect_eq(r < 0, rows[i].goes, "row %zu: %d", i, r);
		if (r == 0)
			cr_expect_eq(reply.result, -EINVAL, "row %zu", i);
		close_office(&o);
	}
}
