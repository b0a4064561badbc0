/* SPDX-License-Identifier: ISC */
/* See usher.h. The session's words are parsed and said anew: nothing that is
 * no request reaches postern-authd. */
#include "auth/usher.h"

#include "auth/answer.h"
#include "net/line.h"

#define ARENA_MAX (1U << 17)

struct usher {
	struct link *link;
	struct auth_hooks hooks;
	struct auth_scene scene;
	struct arena *scene_arena; /* what that points to */
	struct arena *arena;       /* for one request */
	bool known;                /* the last step was a yes */
};

static int set_scene(struct usher *u, const struct auth_scene *from)
{
	struct auth_scene copy = *from;
	struct slice *const parts[] = { &copy.service, &copy.peer_ip,
					&copy.session, &copy.binding,
					&copy.external };

	arena_reset(u->scene_arena);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		*parts[i] = arena_copy(u->scene_arena, *parts[i]);
		if (!parts[i]->p)
			return -ENOMEM;
	}
	u->scene = copy;
	link_scene(u->link, &u->scene);
	return 0;
}

static const char *mechanisms(struct usher *u)
{
	return u->hooks.mechanisms(u->hooks.context);
}

static int answer(struct usher *u, struct stream *s,
		  const struct wire_request *q)
{
	const struct auth_hooks *h = &u->hooks;
	struct slice text = SLICE("");
	enum auth_step step = AUTH_STEP_AGAIN;
	int r;

	u->known = false;
	switch (q->verb) {
	case WIRE_HELLO:
		r = set_scene(u, &q->scene);
		if (r < 0)
			return r;
		answer_mechanisms(s, mechanisms(u));
		link_expect(u->link);
		return 0;
	case WIRE_CANCEL:
		h->cancel(h->context);
		answer_mechanisms(s, mechanisms(u));
		return 0;
	case WIRE_BEGIN:
		step = h->begin(h->context, q->mechanism, q->text, &text);
		break;
	case WIRE_NEXT:
		step = h->next(h->context, q->text, &text);
		break;
	case WIRE_PASSWORD:
		step = h->password(h->context, q->name, q->password, &text);
		break;
	}
	u->known = step == AUTH_STEP_YES;
	return answer_step(s, step, text, link_user(u->link));
}

/* 1: he may come in. */
static int take(struct usher *u, struct stream *s, struct slice line)
{
	struct wire_request q;
	int r;

	if (slice_eq(line, SLICE(USHER_ENTER))) {
		r = u->known ? 1 : -EPERM;
		u->known = false;
		return r;
	}
	arena_reset(u->arena);
	r = wire_request(line, u->arena, &q);
	if (r == 0)
		r = answer(u, s, &q);
	/* it may hold a password */
	explicit_bzero((char *)line.p, line.n);
	return r;
}

int usher_serve(struct usher *u, struct stream *s)
{
	struct slice line;
	enum line_event event;
	int r = 0;

	while (r == 0) {
		stream_deadline(s, 0, 0); /* the session has its own */
		event = line_read(s, AUTH_WIRE_MAX, true, &line);
		if (event == LINE_EOF)
			return 0;
		r = event == LINE_OK ? take(u, s, line) : -EPROTO;
	}
	return r;
}

const struct auth_scene *usher_scene(const struct usher *u)
{
	return &u->scene;
}

struct usher *usher_new(struct link *link)
{
	struct usher *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->link = link;
	u->hooks = link_hooks(link);
	u->arena = arena_new(ARENA_MAX);
	u->scene_arena = arena_new(ARENA_MAX);
	if (u->arena && u->scene_arena)
		return u;
	usher_free(u);
	return NULL;
}

void usher_free(struct usher *u)
{
	if (!u)
		return;
	arena_free(u->arena);
	arena_free(u->scene_arena);
	free(u);
}
