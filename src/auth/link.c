/* SPDX-License-Identifier: ISC */
/* See link.h. */
#include "auth/link.h"

#include <nettle/base64.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "auth/wire.h"
#include "net/line.h"

#define ANSWER_MAX   ((size_t)64 << 10)
#define WAIT_MS      30000
#define EXTERNAL_MAX 256

struct auth_link {
	const struct auth_link_config *config;
	struct stream *stream; /* NULL: not yet */
	int fd;
	pid_t child; /* 0: it is the socket's */
	struct auth_link_state state;
	char binding[64]; /* base64 */
	char external[EXTERNAL_MAX];
	char offered[128];
	struct arena *answer;
	struct user user;
};

extern char **environ;

/* ---- the connection ---- */

static int connect_to(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		int r = -errno;

		(void)close(fd);
		return r;
	}
	return fd;
}

static int spawn(const char *program, const char *conf, int fd, pid_t *ret)
{
	char *argv[] = { (char *)program, (char *)"-c", (char *)conf, NULL };
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r != 0)
		return -r;
	r = posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, fd,
						     STDOUT_FILENO);
	if (r == 0)
		r = posix_spawn(ret, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static int start_child(struct auth_link *l)
{
	const struct settings *s = l->config->settings;
	int ends[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	r = spawn(s->auth.program.p, l->config->conf, ends[1], &l->child);
	(void)close(ends[1]);
	if (r < 0) {
		(void)close(ends[0]);
		l->child = 0;
		return r;
	}
	return ends[0];
}

static int open_link(struct auth_link *l)
{
	const char *path = l->config->settings->auth.socket.p;

	if (l->stream)
		return 0;
	l->fd = path[0] != '\0' ? connect_to(path) : -ENOENT;
	if (l->fd == -ENOENT)
		l->fd = start_child(l);
	if (l->fd < 0)
		return l->fd;
	l->stream = stream_new_fd(l->fd, l->fd);
	return l->stream ? 0 : -ENOMEM;
}

static void hang_up(struct auth_link *l)
{
	int status;

	stream_free(l->stream);
	l->stream = NULL;
	if (l->fd >= 0)
		(void)close(l->fd); /* a socket: nothing left to write */
	l->fd = -1;
	if (l->child > 0)
		while (waitpid(l->child, &status, 0) < 0 && errno == EINTR)
			;
	l->child = 0;
}

struct auth_link *auth_link_new(const struct auth_link_config *c)
{
	struct auth_link *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->config = c;
	l->fd = -1;
	l->answer = arena_new(ANSWER_MAX);
	if (!l->answer) {
		free(l);
		return NULL;
	}
	return l;
}

void auth_link_free(struct auth_link *l)
{
	if (!l)
		return;
	hang_up(l);
	arena_free(l->answer);
	free(l);
}

void auth_link_set(struct auth_link *l, const struct auth_link_state *s)
{
	size_t n = s->binding_n <= 32 ? s->binding_n : 0;

	l->state = *s;
	base64_encode_raw(l->binding, n, s->binding);
	l->binding[BASE64_ENCODE_RAW_LENGTH(n)] = '\0';
	(void)snprintf(l->external, sizeof(l->external), "%.*s",
		       SLICE_ARG(s->external));
	l->state.external = slice_of(l->external);
}

/* ---- talking ---- */

static const struct {
	const char *word;
	enum auth_step step;
} answers[] = {
	{ "more", AUTH_STEP_MORE },
	{ "yes", AUTH_STEP_YES },
	{ "no", AUTH_STEP_NO },
	{ "wait", AUTH_STEP_WAIT },
	{ "malformed", AUTH_STEP_MALFORMED },
	{ "mechanism", AUTH_STEP_NO_MECHANISM },
	{ "tls", AUTH_STEP_NEED_TLS },
};

static enum auth_step step_of(struct slice word)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (slice_eq(word, slice_of(answers[i].word)))
			return answers[i].step;
	return AUTH_STEP_AGAIN;
}

static bool take_user(struct auth_link *l, struct slice fields)
{
	struct user u = { .hash = SLICE("") };

	if (wire_field(fields, "name", l->answer, &u.name) <= 0 ||
	    wire_field(fields, "mailbox", l->answer, &u.mailbox) <= 0 ||
	    wire_field(fields, "options", l->answer, &u.options) <= 0 ||
	    u.name.n == 0 || !user_mailbox_valid(u.mailbox))
		return false;
	l->user = u;
	return true;
}

static enum auth_step hear(struct auth_link *l, struct slice *ret)
{
	struct slice line, fields;
	enum auth_step step;

	arena_reset(l->answer);
	stream_deadline(l->stream, WAIT_MS, WAIT_MS);
	if (line_read(l->stream, WIRE_LINE_MAX, true, &line) != LINE_OK)
		return AUTH_STEP_AGAIN;
	step = step_of(wire_verb(line, &fields));
	if (step == AUTH_STEP_MORE &&
	    wire_field(fields, "challenge", l->answer, ret) <= 0)
		return AUTH_STEP_AGAIN;
	if (step == AUTH_STEP_YES) {
		if (!take_user(l, fields))
			return AUTH_STEP_AGAIN;
		*ret = l->user.name;
	}
	return step;
}

/* Send the line, wiped, and hear the answer. */
static enum auth_step ask(struct auth_link *l, struct buf *line, int r,
			  struct slice *ret)
{
	enum auth_step step = AUTH_STEP_AGAIN;

	if (r == 0)
		r = buf_put_byte(line, '\n');
	if (r == 0)
		r = open_link(l);
	if (r == 0) {
		stream_put(l->stream, buf_slice(line));
		step = hear(l, ret);
	}
	if (line->n > 0)
		explicit_bzero(line->p, line->n);
	buf_done(line);
	if (step == AUTH_STEP_AGAIN || step == AUTH_STEP_YES)
		hang_up(l);
	return step;
}

/* What every exchange begins with. */
static int put_state(const struct auth_link *l, struct buf *b, const char *verb)
{
	const struct auth_link_config *c = l->config;
	int r = buf_put(b, slice_of(verb));

	if (r == 0)
		r = wire_put(b, "service", slice_of(c->service));
	if (r == 0)
		r = wire_put(b, "peer", c->peer_ip);
	if (r == 0)
		r = wire_put(b, "session", c->session);
	if (r == 0 && l->state.plain)
		r = wire_put(b, "plain", SLICE("yes"));
	if (r == 0 && l->binding[0] != '\0')
		r = wire_put(b, "binding", slice_of(l->binding));
	if (r == 0 && l->state.external.n > 0)
		r = wire_put(b, "external", l->state.external);
	return r;
}

/* ---- the hooks ---- */

static bool on(const struct auth_link *l, const char *mechanism)
{
	struct slice some = l->config->settings->auth.mechanisms, word;

	while ((word = slice_word(&some)).n > 0)
		if (slice_eq_nocase(word, slice_of(mechanism)))
			return true;
	return false;
}

static const char *mechanisms(void *context)
{
	struct auth_link *l = context;
	const struct {
		const char *name;
		bool now;
	} all[] = {
		{ "SCRAM-SHA-256-PLUS", l->binding[0] != '\0' },
		{ "SCRAM-SHA-256", true },
		{ "PLAIN", l->state.plain },
		{ "LOGIN", l->state.plain },
		{ "EXTERNAL", l->state.external.n > 0 },
	};
	size_t n = 0;

	l->offered[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(all) && !l->state.quiet; i++)
		if (all[i].now && on(l, all[i].name))
			n += (size_t)snprintf(l->offered + n,
					      sizeof(l->offered) - n, "%s%s",
					      n > 0 ? " " : "", all[i].name);
	return l->offered;
}

static enum auth_step begin(void *context, struct slice mechanism,
			    struct slice initial, struct slice *ret)
{
	struct auth_link *l = context;
	struct buf line = BUF(WIRE_LINE_MAX);
	int r;

	if (l->state.quiet)
		return AUTH_STEP_NEED_TLS;
	r = put_state(l, &line, "begin");
	if (r == 0)
		r = wire_put(&line, "mechanism", slice_upto(mechanism, 64));
	if (r == 0 && initial.p)
		r = wire_put(&line, "initial", initial);
	if (r == -EMSGSIZE || r == -ENOBUFS) {
		buf_done(&line);
		return AUTH_STEP_MALFORMED;
	}
	return ask(l, &line, r, ret);
}

static enum auth_step next(void *context, struct slice response,
			   struct slice *ret)
{
	struct buf line = BUF(WIRE_LINE_MAX);
	int r = buf_put(&line, SLICE("next"));

	if (r == 0)
		r = wire_put(&line, "response", response);
	return ask(context, &line, r, ret);
}

static void cancel(void *context)
{
	hang_up(context);
}

static enum auth_step password(void *context, struct slice name,
			       struct slice secret, struct slice *ret)
{
	struct auth_link *l = context;
	struct buf line = BUF(WIRE_LINE_MAX);
	int r;

	if (!l->state.plain)
		return AUTH_STEP_NEED_TLS;
	r = put_state(l, &line, "password");
	if (r == 0)
		r = wire_put(&line, "name", slice_upto(name, 512));
	if (r == 0)
		r = wire_put(&line, "password", slice_upto(secret, 512));
	return ask(l, &line, r, ret);
}

struct auth_hooks auth_link_hooks(struct auth_link *l)
{
	return (struct auth_hooks){
		.context = l,
		.mechanisms = mechanisms,
		.begin = begin,
		.next = next,
		.cancel = cancel,
		.password = password,
	};
}

const struct user *auth_link_user(const struct auth_link *l)
{
	return &l->user;
}
