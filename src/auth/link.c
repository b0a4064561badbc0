/* SPDX-License-Identifier: ISC */
/* See link.h. What comes back is parsed as if a stranger had sent it. */
#include "auth/link.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "auth/events.h"
#include "auth/mechanism.h"
#include "auth/starter.h"
#include "net/line.h"

#define ARENA_MAX (1U << 17)

struct link {
	struct link_config config;
	struct stream *stream; /* NULL: not open */
	int fd;
	struct arena *arena;
	struct user user;
	char offered[MECHANISM_LIST_MAX];
	bool introduced;  /* the other side was told the scene */
	unsigned unheard; /* its answers to that, not read yet */
	bool asked;       /* and something else */
	bool started;     /* for us, last time */
};

/* ---- opening ---- */

static int connect_to(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	memcpy(to.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	(void)close(fd); /* was never of use */
	return -errno;
}

static int open_link(struct link *l)
{
	const char *path = l->config.settings->auth.socket.p;

	if (l->stream)
		return 0;
	if (l->config.usher > 0)
		l->fd = l->config.usher;
	else
		l->fd = path[0] != '\0' ? connect_to(path) : -ENOENT;
	/* nobody listens: that, and nothing else, is for us to make up for */
	l->started = (l->fd == -ENOENT || l->fd == -ECONNREFUSED) &&
		     l->config.starter >= 0;
	if (l->started)
		l->fd = starter_ask(l->config.starter);
	if (l->fd < 0)
		return l->fd;
	l->stream = stream_new_fd(l->fd, l->fd);
	return l->stream ? 0 : -ENOMEM;
}

static void hang_up(struct link *l)
{
	stream_free(l->stream);
	l->stream = NULL;
	if (l->fd >= 0 && l->fd != l->config.usher)
		(void)close(l->fd); /* nothing is owed */
	l->fd = -1;
	l->introduced = l->asked = false;
	l->unheard = 0;
}

/* ---- asking ---- */

static int put_hello(struct link *l, struct buf *b)
{
	const struct wire_request q = { .verb = WIRE_HELLO,
					.scene = l->config.scene };
	int r = l->introduced ? 0 : wire_put_request(b, &q);

	if (r == 0 && !l->introduced)
		l->unheard++;
	l->introduced = l->introduced || r == 0;
	return r;
}

/* What has to be said before `q` goes with it, so that we wait once. NULL:
 * that alone. */
static int say(struct link *l, const struct wire_request *q)
{
	struct buf b = BUF(2 * AUTH_WIRE_MAX);
	int r = put_hello(l, &b);

	if (r == 0 && q)
		r = wire_put_request(&b, q);
	stream_deadline(l->stream, l->config.wait_ms, l->config.wait_ms);
	if (r == 0)
		stream_put(l->stream, buf_slice(&b));
	if (b.p)
		explicit_bzero(b.p, b.n);
	buf_done(&b);
	return r < 0 ? r : stream_flush(l->stream);
}

/* The starter's word, where there is nobody else to say anything. */
static int heed_starter(struct slice line)
{
	static const struct slice mark = SLICE(STARTER_FAILED);
	uint64_t error;

	if (!slice_starts(line, mark))
		return 0;
	return slice_number(slice_from(line, mark.n), 1, 4095, &error) == 0
		       ? -(int)error
		       : -EPROTO;
}

static int hear_line(struct link *l, struct slice *ret)
{
	enum line_event event = line_read(l->stream, AUTH_WIRE_MAX, true, ret);

	if (event == LINE_TIMEOUT)
		return -ETIMEDOUT;
	return event == LINE_OK ? heed_starter(*ret) : -EPIPE;
}

static int exchange(struct link *l, const struct wire_request *q,
		    struct slice *ret)
{
	int r = say(l, q);

	arena_reset(l->arena);
	l->asked = true;
	for (; r == 0 && l->unheard > 0; l->unheard--) {
		r = hear_line(l, ret);
		if (r == 0 && !slice_starts(*ret, SLICE("MECHANISMS ")))
			r = -EPROTO;
	}
	return r < 0 ? r : hear_line(l, ret);
}

/* On a link that was opened when a login was no more than expected: the other
 * side may have had enough of waiting. */
static int ask_in_time(struct link *l, const struct wire_request *q,
		       struct slice *ret)
{
	bool early = l->stream && !l->asked;
	int r = open_link(l);

	if (r == 0)
		r = exchange(l, q, ret);
	if (!early || r == 0 || r == -ETIMEDOUT)
		return r;
	hang_up(l);
	r = open_link(l);
	return r < 0 ? r : exchange(l, q, ret);
}

/* An usher logs for himself whom he could not ask. */
static void log_unanswered(const struct link *l, int error)
{
	const struct settings *s = l->config.settings;
	const struct log_field fields[] = {
		{ "SESSION", l->config.scene.session },
		{ "PEER", l->config.scene.peer_ip },
		{ "PLACE", l->started ? s->auth.program : s->auth.socket },
		{ "STATUS", slice_of(strerror(-error)) },
		{ "REMEDY", SLICE("run postern check as root") },
	};

	if (l->config.usher <= 0)
		log_event(&auth_event_unanswered, fields, ARRAY_LEN(fields));
}

static enum auth_step ask(struct link *l, const struct wire_request *q,
			  struct slice *ret)
{
	enum auth_step step;
	struct slice line, text;
	int r = ask_in_time(l, q, &line);

	*ret = SLICE("");
	l->user = (struct user){ .name = SLICE_NONE };
	if (r == 0) {
		line = arena_copy(l->arena, line);
		r = line.p ? wire_step(line, l->arena, &step, &text, &l->user)
			   : -ENOMEM;
	}
	/* a session may last for hours after that */
	if (r < 0 || step == AUTH_STEP_YES)
		hang_up(l);
	if (r < 0) {
		log_unanswered(l, r);
		return AUTH_STEP_AGAIN;
	}
	*ret = step == AUTH_STEP_YES ? l->user.name : text;
	return step;
}

void link_start(struct link *l)
{
	if (l->config.starter >= 0 && open_link(l) < 0)
		hang_up(l);
}

void link_expect(struct link *l)
{
	/* if not now, then when it is asked */
	if (open_link(l) < 0 || say(l, NULL) < 0)
		hang_up(l);
}

/* ---- hooks ---- */

static const char *mechanisms(void *context)
{
	struct link *l = context;

	mechanism_list(l->config.settings, &l->config.scene, l->offered);
	return l->offered;
}

static bool is_token(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= 20; /* RFC 4422 §3.1 */
}

static enum auth_step begin(void *context, struct slice mechanism,
			    struct slice initial, struct slice *ret)
{
	const struct wire_request q = { .verb = WIRE_BEGIN,
					.mechanism = mechanism,
					.text = initial };

	*ret = SLICE("");
	if (!is_token(mechanism))
		return AUTH_STEP_NO_MECHANISM;
	if (initial.p &&
	    (initial.n > AUTH_LINE_MAX || !wire_is_base64(initial)))
		return AUTH_STEP_MALFORMED;
	return ask(context, &q, ret);
}

static void cancel(void *context)
{
	const struct wire_request q = { .verb = WIRE_CANCEL };
	struct link *l = context;
	struct slice line;

	if (l->stream && exchange(l, &q, &line) < 0)
		hang_up(l);
}

static enum auth_step next(void *context, struct slice response,
			   struct slice *ret)
{
	const struct wire_request q = { .verb = WIRE_NEXT, .text = response };
	struct link *l = context;

	*ret = SLICE("");
	if (!l->stream)
		return AUTH_STEP_AGAIN;
	if (response.n > AUTH_LINE_MAX || !wire_is_base64(response)) {
		cancel(context);
		return AUTH_STEP_MALFORMED;
	}
	return ask(l, &q, ret);
}

static enum auth_step password(void *context, struct slice name,
			       struct slice secret, struct slice *ret)
{
	const struct wire_request q = { .verb = WIRE_PASSWORD,
					.name = name,
					.password = secret };

	*ret = SLICE("");
	if (name.n + secret.n > AUTH_WIRE_MAX / 2)
		return AUTH_STEP_NO;
	return ask(context, &q, ret);
}

static void expect(void *context)
{
	link_expect(context);
}

struct auth_hooks link_hooks(struct link *l)
{
	return (struct auth_hooks){
		.context = l,
		.mechanisms = mechanisms,
		.begin = begin,
		.next = next,
		.cancel = cancel,
		.password = password,
		.expect = expect,
	};
}

const struct user *link_user(const struct link *l)
{
	return &l->user;
}

void link_scene(struct link *l, const struct auth_scene *scene)
{
	l->config.scene = *scene;
	l->introduced = false;
}

struct link *link_new(const struct link_config *config)
{
	struct link *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->config = *config;
	l->fd = -1;
	l->arena = arena_new(ARENA_MAX);
	if (l->arena)
		return l;
	free(l);
	return NULL;
}

void link_free(struct link *l)
{
	if (!l)
		return;
	hang_up(l);
	arena_free(l->arena);
	free(l);
}
