/* SPDX-License-Identifier: ISC */
/* See wire.h. Either side is taken to be hostile. */
#include "auth/wire.h"

#include <nettle/base64.h>

static const char *const steps[] = {
	[AUTH_STEP_MORE] = "MORE",
	[AUTH_STEP_YES] = "YES",
	[AUTH_STEP_NO] = "NO",
	[AUTH_STEP_AGAIN] = "AGAIN",
	[AUTH_STEP_WAIT] = "WAIT",
	[AUTH_STEP_MALFORMED] = "MALFORMED",
	[AUTH_STEP_NO_MECHANISM] = "NO_MECHANISM",
	[AUTH_STEP_NEED_TLS] = "NEED_TLS",
};

static const char *const verbs[] = {
	[WIRE_HELLO] = "HELLO",       [WIRE_BEGIN] = "BEGIN",
	[WIRE_NEXT] = "NEXT",         [WIRE_CANCEL] = "CANCEL",
	[WIRE_PASSWORD] = "PASSWORD",
};

bool wire_is_base64(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '+' && s.p[i] != '/' &&
		    s.p[i] != '=')
			return false;
	return true;
}

struct slice wire_decode(struct slice text, struct arena *arena)
{
	struct base64_decode_ctx ctx;
	size_t n = BASE64_DECODE_LENGTH(text.n) + 1;
	uint8_t *p;

	if (text.n == 0 || slice_eq(text, SLICE("=")))
		return SLICE("");
	if (!wire_is_base64(text) || text.n > AUTH_WIRE_MAX)
		return SLICE_NONE;
	p = arena_alloc(arena, n + 1);
	base64_decode_init(&ctx);
	if (!p || !base64_decode_update(&ctx, &n, p, text.n, text.p) ||
	    !base64_decode_final(&ctx))
		return SLICE_NONE;
	p[n] = '\0';
	return (struct slice){ (char *)p, n };
}

static int put_base64(struct buf *b, struct slice s)
{
	size_t n = BASE64_ENCODE_RAW_LENGTH(s.n);
	int r;

	if (s.n == 0)
		return buf_put_byte(b, '=');
	r = buf_reserve(b, n);
	if (r < 0)
		return r;
	base64_encode_raw(b->p + b->n, s.n, (const uint8_t *)s.p);
	b->n += n;
	return 0;
}

static int put_word(struct buf *b, const char *key, struct slice s)
{
	int r = buf_printf(b, " %s", key);

	return r < 0 ? r : put_base64(b, s);
}

/* ---- requests ---- */

/* Cut off what stands before the next blank: exactly one. */
static bool next_word(struct slice *rest, struct slice *ret)
{
	return slice_field(rest, ' ', ret);
}

static int take_pair(struct slice key, struct slice value, struct arena *arena,
		     struct auth_scene *s)
{
	struct slice *into;

	if (slice_eq(key, SLICE("plain")) || slice_eq(key, SLICE("tls"))) {
		bool on = slice_eq(value, SLICE("1"));

		if (!on && !slice_eq(value, SLICE("0")))
			return -EINVAL;
		*(key.n == 3 ? &s->tls : &s->plaintext) = on;
		return 0;
	}
	if (slice_eq(key, SLICE("service")))
		into = &s->service;
	else if (slice_eq(key, SLICE("peer")))
		into = &s->peer_ip;
	else if (slice_eq(key, SLICE("session")))
		into = &s->session;
	else if (slice_eq(key, SLICE("binding")))
		into = &s->binding;
	else if (slice_eq(key, SLICE("external")))
		into = &s->external;
	else
		return 0; /* of a later version */
	*into = wire_decode(value, arena);
	return into->p ? 0 : -EINVAL;
}

static int read_scene(struct slice rest, struct arena *arena,
		      struct auth_scene *ret)
{
	struct slice word;
	int r = 0;

	*ret = (struct auth_scene){ .service = SLICE("") };
	while (r == 0 && next_word(&rest, &word)) {
		size_t at = slice_find(word, '=');

		r = at == word.n
			    ? -EINVAL
			    : take_pair(slice_upto(word, at),
					slice_from(word, at + 1), arena, ret);
	}
	return r < 0 || ret->binding.n > AUTH_BINDING_MAX ? -EINVAL : 0;
}

static int read_password(struct slice rest, struct arena *arena,
			 struct wire_request *q)
{
	struct slice name, password;

	if (!next_word(&rest, &name) || !next_word(&rest, &password) || rest.p)
		return -EINVAL;
	q->name = wire_decode(name, arena);
	q->password = wire_decode(password, arena);
	return q->name.p && q->password.p ? 0 : -EINVAL;
}

static int read_words(struct slice rest, struct arena *arena,
		      struct wire_request *q)
{
	switch (q->verb) {
	case WIRE_HELLO:
		return read_scene(rest, arena, &q->scene);
	case WIRE_BEGIN:
		if (!next_word(&rest, &q->mechanism) || q->mechanism.n == 0)
			return -EINVAL;
		q->text = rest;
		return 0;
	case WIRE_NEXT:
		q->text = rest.p ? rest : SLICE("");
		return 0;
	case WIRE_CANCEL:
		return rest.p ? -EINVAL : 0;
	case WIRE_PASSWORD:
		return read_password(rest, arena, q);
	}
	return -EINVAL;
}

int wire_request(struct slice line, struct arena *arena,
		 struct wire_request *ret)
{
	struct wire_request q = { .text = SLICE_NONE };
	struct slice word;
	int r;

	if (line.n >= AUTH_WIRE_MAX || !next_word(&line, &word))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (slice_eq(word, slice_of(verbs[i]))) {
			q.verb = (enum wire_verb)i;
			r = read_words(line, arena, &q);
			if (r == 0)
				*ret = q;
			return r;
		}
	return -EINVAL;
}

static int put_scene(struct buf *b, const struct auth_scene *s)
{
	int r = buf_printf(b, " plain=%d tls=%d", s->plaintext, s->tls);

	if (r == 0)
		r = put_word(b, "service=", s->service);
	if (r == 0)
		r = put_word(b, "peer=", s->peer_ip);
	if (r == 0)
		r = put_word(b, "session=", s->session);
	if (r == 0)
		r = put_word(b, "binding=", s->binding);
	return r < 0 ? r : put_word(b, "external=", s->external);
}

static int put_text(struct buf *b, struct slice text)
{
	int r = text.p ? buf_put_byte(b, ' ') : 0;

	return r == 0 && text.p ? buf_put(b, text) : r;
}

static int put_words(struct buf *b, const struct wire_request *q)
{
	int r;

	switch (q->verb) {
	case WIRE_HELLO:
		return put_scene(b, &q->scene);
	case WIRE_BEGIN:
		r = put_text(b, q->mechanism);
		return r < 0 ? r : put_text(b, q->text);
	case WIRE_NEXT:
		return put_text(b, q->text);
	case WIRE_PASSWORD:
		r = put_word(b, "", q->name);
		return r < 0 ? r : put_word(b, "", q->password);
	default:
		return 0;
	}
}

int wire_put_request(struct buf *b, const struct wire_request *q)
{
	int r = buf_put(b, slice_of(verbs[q->verb]));

	if (r == 0)
		r = put_words(b, q);
	return r < 0 ? r : buf_put_byte(b, '\n');
}

/* ---- steps ---- */

int wire_put_step(struct buf *b, enum auth_step step, struct slice text,
		  const struct user *user)
{
	int r = buf_put(b, slice_of(steps[step]));

	if (r == 0 && step == AUTH_STEP_MORE && text.n > 0)
		r = put_text(b, text);
	if (r == 0 && step == AUTH_STEP_YES) {
		r = put_word(b, "", user->name);
		if (r == 0)
			r = put_word(b, "", user->mailbox);
		if (r == 0)
			r = put_word(b, "", user->options);
	}
	return r < 0 ? r : buf_put_byte(b, '\n');
}

static int read_user(struct slice rest, struct arena *arena, struct user *ret)
{
	struct user u = { .hash = SLICE("") };
	struct slice *const fields[] = { &u.name, &u.mailbox, &u.options };
	struct slice word;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (!next_word(&rest, &word))
			return -EINVAL;
		*fields[i] = wire_decode(word, arena);
		if (!fields[i]->p)
			return -EINVAL;
	}
	if (rest.p || u.name.n == 0 || !user_mailbox_valid(u.mailbox))
		return -EINVAL;
	*ret = u;
	return 0;
}

int wire_step(struct slice line, struct arena *arena, enum auth_step *ret,
	      struct slice *ret_text, struct user *ret_user)
{
	struct slice word;
	size_t i = 0;

	if (!next_word(&line, &word))
		return -EINVAL;
	while (i < ARRAY_LEN(steps) && !slice_eq(word, slice_of(steps[i])))
		i++;
	if (i == ARRAY_LEN(steps) ||
	    !wire_is_base64(i == AUTH_STEP_MORE ? line : SLICE("")))
		return -EINVAL;
	if (i == AUTH_STEP_YES && read_user(line, arena, ret_user) < 0)
		return -EINVAL;
	*ret_text = i == AUTH_STEP_MORE && line.p ? line : SLICE("");
	*ret = (enum auth_step)i;
	return 0;
}
