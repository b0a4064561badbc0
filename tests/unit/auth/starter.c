/* SPDX-License-Identifier: ISC */
/* One starter for many sessions, with the real program. */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <sys/socket.h>

#include "auth/link.h"
#include "auth/starter.h"
#include "tests/unit/auth/house.h"

static const struct settings settings = {
	.auth = { .socket = SLICE(""),
		  .program = SLICE("./postern-authd"),
		  .mechanisms = SLICE("PLAIN"),
		  .cleartext = SLICE("auto") },
};

/* A session's end of a line; the other is passed on, or closed. */
static int line_to(int starters)
{
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair),
		     0);
	if (starters >= 0)
		cr_assert_eq(starter_pass(starters, pair[1]), 0);
	(void)close(pair[1]);
	return pair[0];
}

static enum auth_step log_in(int line)
{
	const struct link_config c = {
		.settings = &settings,
		.starter = line,
		.wait_ms = 10000,
		.scene = { .service = SLICE("pop3"),
			   .peer_ip = SLICE("::1"),
			   .session = SLICE("s"),
			   .plaintext = true,
			   .binding = SLICE(""),
			   .external = SLICE("") },
	};
	struct link *l = link_new(&c);
	struct auth_hooks h = link_hooks(l);
	struct slice text;
	enum auth_step step =
		h.password(l, SLICE("alice"), SLICE("pencil"), &text);

	link_free(l);
	return step;
}

Test(starter, a_line_harms_no_other, .init = auth_house_new,
     .fini = auth_house_done)
{
	int starters = starter_of_many(&settings, auth_house_config, true);
	int lines[5];

	cr_assert_geq(starters, 0);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		lines[i] = line_to(starters);
	cr_expect_eq(log_in(lines[0]), AUTH_STEP_YES);
	cr_expect_eq(shutdown(lines[1], SHUT_RDWR), 0);
	cr_expect_eq(write(lines[2], "nonsense", 8), 8);
	(void)close(lines[3]);
	cr_expect_eq(log_in(lines[1]), AUTH_STEP_AGAIN);
	for (size_t i = 0; i < 3; i++) {
		cr_expect_eq(log_in(lines[0]), AUTH_STEP_YES);
		cr_expect_eq(log_in(lines[2]), AUTH_STEP_YES);
		cr_expect_eq(log_in(lines[4]), AUTH_STEP_YES);
	}
	(void)close(starters);
}

Test(starter, nobody_is_there, .init = auth_house_new, .fini = auth_house_done)
{
	int line = line_to(-1), other = line_to(-1);

	cr_expect_eq(log_in(line), AUTH_STEP_AGAIN);
	cr_expect_eq(starter_pass(line, other), -EPIPE);
	(void)close(line);
	(void)close(other);
}
