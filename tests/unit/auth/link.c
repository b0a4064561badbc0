/* SPDX-License-Identifier: ISC */
/* The link against the real program. */
#include <criterion/criterion.h>

#include "auth/link.h"
#include "auth/starter.h"
#include "tests/unit/auth/house.h"

static int starter = -1;

static void leave(void)
{
	(void)close(starter);
	auth_house_done();
}

static struct settings settings = {
	.auth = { .socket = SLICE(""),
		  .mechanisms = SLICE("SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN "
				      "LOGIN EXTERNAL"),
		  .cleartext = SLICE("auto") },
};

static struct link *open_link(const char *program)
{
	struct link_config c = {
		.settings = &settings,
		.wait_ms = 10000,
		.scene = { .service = SLICE("pop3"),
			   .peer_ip = SLICE("::1"),
			   .session = SLICE("s"),
			   .plaintext = false,
			   .binding = SLICE(""),
			   .external = SLICE("") },
	};

	settings.auth.program = slice_of(program);
	starter = starter_new(&settings, auth_house_config);
	cr_assert_geq(starter, 0);
	c.starter = starter;
	return link_new(&c);
}

Test(link, a_login_through_the_program, .init = auth_house_new, .fini = leave)
{
	struct auth_scene scene = { .service = SLICE("pop3"),
				    .peer_ip = SLICE("::1"),
				    .session = SLICE("s"),
				    .plaintext = true,
				    .tls = true,
				    .binding = SLICE("b"),
				    .external = SLICE("") };
	struct link *l = open_link("./postern-authd");
	struct auth_hooks h = link_hooks(l);
	struct slice text;

	cr_assert_str_eq(h.mechanisms(l), "SCRAM-SHA-256");
	cr_assert_eq(h.password(l, SLICE("alice"), SLICE("pencil"), &text),
		     AUTH_STEP_NEED_TLS);
	link_scene(l, &scene);
	cr_assert_str_eq(h.mechanisms(l),
			 "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN");
	cr_assert_eq(h.password(l, SLICE("alice"), SLICE("x"), &text),
		     AUTH_STEP_NO);
	cr_assert_eq(h.begin(l, SLICE("PLAIN"), SLICE_NONE, &text),
		     AUTH_STEP_MORE);
	h.cancel(l);
	cr_assert_eq(h.begin(l, SLICE("PLAIN"), SLICE_NONE, &text),
		     AUTH_STEP_MORE);
	cr_assert_eq(h.next(l, SLICE("AGFsaWNlAHBlbmNpbA=="), &text),
		     AUTH_STEP_YES);
	cr_assert(slice_eq(text, SLICE("alice")));
	cr_assert(slice_eq(link_user(l)->mailbox, SLICE("shop/alice")));
	cr_assert(slice_eq(link_user(l)->options, SLICE("quota=1M")));
	/* who is in has no more need of it: then it is opened anew */
	cr_assert_eq(h.password(l, SLICE("alice"), SLICE("pencil"), &text),
		     AUTH_STEP_YES);
	cr_assert_eq(h.begin(l, SLICE("A B"), SLICE_NONE, &text),
		     AUTH_STEP_NO_MECHANISM);
	cr_assert_eq(h.begin(l, SLICE("PLAIN"), SLICE("a\nCANCEL"), &text),
		     AUTH_STEP_MALFORMED);
	link_free(l);
}

Test(link, without_the_program_it_is_our_trouble, .init = auth_house_new,
     .fini = leave)
{
	struct link *l = open_link("/nonexistent/postern-authd");
	struct auth_hooks h = link_hooks(l);
	struct slice text;

	cr_assert_str_eq(h.mechanisms(l), "SCRAM-SHA-256");
	cr_assert_eq(h.begin(l, SLICE("SCRAM-SHA-256"), SLICE_NONE, &text),
		     AUTH_STEP_AGAIN);
	cr_assert_eq(h.password(l, SLICE("alice"), SLICE("pencil"), &text),
		     AUTH_STEP_AGAIN);
	link_free(l);
}

Test(link, nobody_to_start_it, .init = auth_house_new, .fini = leave)
{
	const struct link_config c = { .settings = &settings, .starter = -1 };
	struct link *l = link_new(&c);
	struct auth_hooks h = link_hooks(l);
	struct slice text;

	cr_assert_eq(h.password(l, SLICE("alice"), SLICE("pencil"), &text),
		     AUTH_STEP_AGAIN);
	link_free(l);
}
