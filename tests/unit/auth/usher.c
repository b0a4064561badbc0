/* SPDX-License-Identifier: ISC */
/* The usher between a session's link and one to the real program. */
#include <criterion/criterion.h>

#include <sys/socket.h>
#include <sys/wait.h>

#include "auth/starter.h"
#include "auth/usher.h"
#include "tests/unit/auth/house.h"

static struct settings settings = {
	.auth = { .socket = SLICE(""),
		  .program = SLICE("./postern-authd"),
		  .mechanisms = SLICE("SCRAM-SHA-256 PLAIN LOGIN"),
		  .cleartext = SLICE("auto") },
};

static const struct auth_scene scene = { .service = SLICE("pop3"),
					 .peer_ip = SLICE("::1"),
					 .session = SLICE("s"),
					 .plaintext = true,
					 .binding = SLICE("b"),
					 .external = SLICE("") };

/* The session, in a process of its own: says what it likes. Its exit status
 * tells. */
typedef int session(int line, struct link *l);

static pid_t start(session *run, int *ret_line)
{
	struct link_config c = { .settings = &settings,
				 .starter = -1,
				 .wait_ms = 10000,
				 .scene = scene };
	int pair[2];
	pid_t pid;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (pid == 0) {
		struct link *l;

		(void)close(pair[0]);
		c.usher = pair[1];
		l = link_new(&c);
		_exit(l ? run(pair[1], l) : 99);
	}
	cr_assert_gt(pid, 0);
	(void)close(pair[1]);
	*ret_line = pair[0];
	return pid;
}

/* What the usher said of it, `n` times. */
static void serve(session *run, int r[], size_t n, char mailbox[64])
{
	struct link_config c = { .settings = &settings, .wait_ms = 10000 };
	int line, status = -1;
	pid_t pid = start(run, &line);
	struct stream *s = stream_new_fd(line, line);
	struct usher *u;
	struct link *l;

	c.starter = starter_new(&settings, auth_house_config, true);
	cr_assert_geq(c.starter, 0);
	l = link_new(&c);
	u = usher_new(l);
	for (size_t i = 0; i < n; i++) {
		r[i] = usher_serve(u, s);
		if (r[i] == 1)
			(void)snprintf(mailbox, 64, "%.*s",
				       SLICE_ARG(link_user(l)->mailbox));
		if (r[i] == 1)
			cr_assert_eq(write(line, "1", 1), 1);
	}
	cr_expect(r[0] < 0 || usher_scene(u)->plaintext);
	stream_free(s);
	(void)close(line);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect_eq(status, 0);
	usher_free(u);
	link_free(l);
	(void)close(c.starter);
}

static bool wants_in(int line)
{
	char answer;

	return write(line, USHER_ENTER "\n", sizeof(USHER_ENTER)) ==
		       sizeof(USHER_ENTER) &&
	       read(line, &answer, 1) == 1;
}

static int logs_in(int line, struct link *l)
{
	struct auth_hooks h = link_hooks(l);
	struct slice said;

	if (h.password(l, SLICE("alice"), SLICE("x"), &said) != AUTH_STEP_NO)
		return 1;
	if (h.begin(l, SLICE("PLAIN"), SLICE_NONE, &said) != AUTH_STEP_MORE)
		return 2;
	h.cancel(l);
	if (h.begin(l, SLICE("PLAIN"), SLICE_NONE, &said) != AUTH_STEP_MORE)
		return 3;
	if (h.next(l, SLICE("AGFsaWNlAHBlbmNpbA=="), &said) != AUTH_STEP_YES)
		return 4;
	if (!slice_eq(said, SLICE("alice")))
		return 5;
	if (!wants_in(line))
		return 6;
	/* the mailbox was busy: once more, by another way */
	if (h.password(l, SLICE("alice"), SLICE("pencil"), &said) !=
	    AUTH_STEP_YES)
		return 7;
	return wants_in(line) ? 0 : 8;
}

Test(usher, lets_in_who_has_logged_in, .init = auth_house_new,
     .fini = auth_house_done)
{
	char mailbox[64] = "";
	int r[3];

	serve(logs_in, r, 3, mailbox);
	cr_expect_eq(r[0], 1);
	cr_expect_eq(r[1], 1);
	cr_expect_eq(r[2], 0, "and then it ends");
	cr_expect_str_eq(mailbox, "shop/alice");
}

static int just_enters(int line, struct link *l)
{
	(void)l;
	return wants_in(line);
}

/* A yes counts for one entrance, and not past a no. */
static int enters_after_a_no(int line, struct link *l)
{
	struct auth_hooks h = link_hooks(l);
	struct slice said;

	if (h.password(l, SLICE("alice"), SLICE("pencil"), &said) !=
	    AUTH_STEP_YES)
		return 1;
	if (h.password(l, SLICE("alice"), SLICE("x"), &said) != AUTH_STEP_NO)
		return 2;
	return wants_in(line);
}

static int enters_twice(int line, struct link *l)
{
	struct auth_hooks h = link_hooks(l);
	struct slice said;

	if (h.password(l, SLICE("alice"), SLICE("pencil"), &said) !=
		    AUTH_STEP_YES ||
	    !wants_in(line))
		return 1;
	return wants_in(line);
}

static int says_nonsense(int line, struct link *l)
{
	char byte;

	(void)l;
	return write(line, "YES YWxpY2U= YWxpY2U= =\n", 24) != 24 ||
	       read(line, &byte, 1) > 0;
}

Test(usher, lets_nobody_else_in, .init = auth_house_new,
     .fini = auth_house_done)
{
	static const struct {
		session *run;
		int last;
		size_t n;
	} rows[] = {
		{ just_enters, -EPERM, 1 },
		{ enters_after_a_no, -EPERM, 1 },
		{ enters_twice, -EPERM, 2 },
		{ says_nonsense, -EINVAL, 1 },
	};
	char mailbox[64];
	int r[2];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		serve(rows[i].run, r, rows[i].n, mailbox);
		cr_expect_eq(r[rows[i].n - 1], rows[i].last, "row %zu: %d", i,
			     r[rows[i].n - 1]);
	}
}
