/* SPDX-License-Identifier: ISC */
/* See security.h. */
#include "tests/unit/security.h"

/* ---- logins ---- */

static const char *mechanisms(void *context)
{
	const struct security *s = context;

	return s->mechanisms ? s->mechanisms : "";
}

static bool is_base64(struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_is_alnum(text.p[i]) && !memchr("+/=", text.p[i], 3))
			return false;
	return text.n % 4 == 0;
}

static enum auth_step judge(struct slice response, struct slice *ret)
{
	if (slice_eq(response, SLICE("c2VjcmV0"))) {
		*ret = SLICE("alice");
		return AUTH_STEP_YES;
	}
	if (slice_eq(response, SLICE("bGF0ZXI=")))
		return AUTH_STEP_AGAIN;
	if (slice_eq(response, SLICE("d2FpdA==")))
		return AUTH_STEP_WAIT;
	return is_base64(response) ? AUTH_STEP_NO : AUTH_STEP_MALFORMED;
}

static enum auth_step begin(void *context, struct slice mechanism,
			    struct slice initial, struct slice *ret)
{
	struct security *s = context;
	bool login = slice_eq_nocase(mechanism, SLICE("LOGIN"));

	if (slice_eq_nocase(mechanism, SLICE("NEEDY")))
		return AUTH_STEP_NEED_TLS;
	if (!s->mechanisms ||
	    (!login && !slice_eq_nocase(mechanism, SLICE("PLAIN"))))
		return AUTH_STEP_NO_MECHANISM;
	s->begun++;
	s->second = !login;
	if (initial.p && !login)
		return judge(slice_eq(initial, SLICE("=")) ? SLICE("")
							   : initial,
			     ret);
	*ret = login ? SLICE("VXNlcm5hbWU6") : SLICE("");
	return AUTH_STEP_MORE;
}

static enum auth_step next(void *context, struct slice response,
			   struct slice *ret)
{
	struct security *s = context;

	s->responses++;
	if (s->second)
		return judge(response, ret);
	s->second = true;
	*ret = SLICE("UGFzc3dvcmQ6");
	return AUTH_STEP_MORE;
}

static void cancel(void *context)
{
	((struct security *)context)->cancelled++;
}

static enum auth_step password(void *context, struct slice name,
			       struct slice word, struct slice *ret)
{
	struct security *s = context;

	s->passwords++;
	(void)snprintf(s->name, sizeof(s->name), "%.*s", SLICE_ARG(name));
	(void)snprintf(s->word, sizeof(s->word), "%.*s", SLICE_ARG(word));
	*ret = slice_of(s->name);
	return s->password;
}

static void expect(void *context)
{
	struct security *s = context;

	s->expected++;
}

struct auth_hooks security_auth(struct security *s)
{
	return (struct auth_hooks){ s,      mechanisms, begin, next,
				    cancel, password,   expect };
}

/* ---- TLS ---- */

static ssize_t inside_read(void *context, void *p, size_t n, int64_t wait_ms)
{
	struct security *s = context;

	(void)wait_ms;
	if (s->chunk > 0 && n > s->chunk)
		n = s->chunk;
	if (n > s->left.n)
		n = s->left.n;
	if (n > 0)
		memcpy(p, s->left.p, n);
	s->left = slice_from(s->left, n);
	return (ssize_t)n;
}

static ssize_t inside_write(void *context, const void *p, size_t n,
			    int64_t wait_ms)
{
	struct security *s = context;

	return s->below.ops->write(s->below.context, p, n, wait_ms);
}

static bool inside_ready(void *context)
{
	return ((struct security *)context)->left.n > 0;
}

static void inside_done(void *context)
{
	stream_below_done(&((struct security *)context)->below);
}

static const struct stream_ops inside = {
	.read = inside_read,
	.write = inside_write,
	.ready = inside_ready,
	.done = inside_done,
};

int security_ready(void *context)
{
	return ((const struct security *)context)->unready;
}

int security_handshake(void *context, struct stream *stream,
		       struct tls_info *ret)
{
	struct security *s = context;

	s->handshakes++;
	*ret = (struct tls_info){ .version = "TLS1.3",
				  .cipher = "TLS_AES_256_GCM_SHA384" };
	if (s->tls_error < 0) {
		(void)snprintf(ret->trouble, sizeof(ret->trouble), "no");
		return s->tls_error;
	}
	s->left = slice_of(s->inside ? s->inside : "");
	return stream_push(stream, &inside, s, &s->below);
}
