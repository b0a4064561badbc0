/* SPDX-License-Identifier: ISC */
/* The link against the real program. */
#include <criterion/criterion.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "auth/events.h"
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
	starter = starter_new(&settings, auth_house_config, true);
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

/* Who could not be asked, and why. */
static int unanswered;

static void hear_unanswered(void *context, const struct log_kind *kind,
			    const struct log_field *fields, size_t n)
{
	cr_assert_eq(kind, &auth_event_unanswered);
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].name, "PLACE") == 0)
			cr_assert(slice_eq(fields[i].value, slice_of(context)));
		else if (strcmp(fields[i].name, "STATUS") == 0)
			cr_assert(slice_eq(fields[i].value,
					   slice_of(strerror(ENOENT))),
				  "%.*s", SLICE_ARG(fields[i].value));
	unanswered++;
}

Test(link, without_the_program_it_is_our_trouble, .init = auth_house_new,
     .fini = leave)
{
	static char missing[] = "/nonexistent/postern-authd";
	struct link *l = open_link(missing);
	struct auth_hooks h = link_hooks(l);
	struct slice text;

	log_set_sink(hear_unanswered, missing);
	cr_assert_str_eq(h.mechanisms(l), "SCRAM-SHA-256");
	cr_assert_eq(h.begin(l, SLICE("SCRAM-SHA-256"), SLICE_NONE, &text),
		     AUTH_STEP_AGAIN);
	cr_assert_eq(h.password(l, SLICE("alice"), SLICE("pencil"), &text),
		     AUTH_STEP_AGAIN);
	cr_assert_eq(unanswered, 2, "the log has no reason");
	log_set_sink(NULL, NULL);
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

/* ---- a judge that only pretends ---- */

static char place[] = "/tmp/postern-link.XXXXXX/judge";

/* Hang up `early` times on who has only said hello, then hear two requests
 * before a word is said to either. Exit status: what went wrong. */
static int pretend(int listener, int early)
{
	static const char says[] = "MECHANISMS PLAIN\nNO\n";
	char text[4096];
	size_t n = 0;
	int fd = accept(listener, NULL, NULL);

	for (; early > 0; early--) {
		(void)close(fd);
		fd = accept(listener, NULL, NULL);
	}
	while (!memmem(text, n, "PASSWORD ", 9) || text[n - 1] != '\n') {
		ssize_t r = read(fd, text + n, sizeof(text) - n);

		if (r <= 0)
			return 1;
		n += (size_t)r;
	}
	if (memcmp(text, "HELLO ", 6) != 0)
		return 2;
	if (write(fd, says, sizeof(says) - 1) != sizeof(says) - 1)
		return 3;
	return 0;
}

static pid_t start_judge(int early)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char *slash = strrchr(place, '/');
	pid_t pid;

	*slash = '\0';
	cr_assert(mkdtemp(place));
	*slash = '/';
	memcpy(a.sun_path, place, sizeof(place));
	cr_assert_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	cr_assert_eq(listen(fd, 4), 0);
	pid = fork();
	if (pid == 0) {
		(void)alarm(5);
		_exit(pretend(fd, early));
	}
	(void)close(fd);
	return pid;
}

static void end_judge(pid_t pid)
{
	int status;

	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect_eq(status, 0, "%x", (unsigned)status);
	(void)unlink(place);
	*strrchr(place, '/') = '\0';
	(void)rmdir(place);
}

static enum auth_step ask_judge(bool expects, unsigned early)
{
	struct settings s = settings;
	const struct link_config c = { .settings = &s,
				       .starter = -1,
				       .wait_ms = 3000,
				       .scene = { .service = SLICE("pop3"),
						  .plaintext = true } };
	pid_t pid = start_judge((int)early);
	struct link *l = link_new(&c);
	struct auth_hooks h = link_hooks(l);
	enum auth_step step;
	struct slice text;

	s.auth.socket = slice_of(place);
	if (expects)
		h.expect(l);
	step = h.password(l, SLICE("alice"), SLICE("x"), &text);
	link_free(l);
	end_judge(pid);
	return step;
}

Test(link, does_not_wait_for_an_answer_to_its_hello)
{
	cr_expect_eq(ask_judge(false, 0), AUTH_STEP_NO);
}

Test(link, opened_in_expectation_it_is_the_same)
{
	cr_expect_eq(ask_judge(true, 0), AUTH_STEP_NO);
}

Test(link, a_judge_who_had_enough_of_waiting_is_asked_once_more)
{
	cr_expect_eq(ask_judge(true, 1), AUTH_STEP_NO);
}
