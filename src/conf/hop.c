/* SPDX-License-Identifier: ISC */
/* See hop.h. */
#include "conf/hop.h"

#include "base/buf.h"
#include "base/peer.h"
#include "conf/shape.h"

#define LOGIN_MAX 64

static const char *const policies[] = {
	[TLS_NEVER] = "never",
	[TLS_OPPORTUNISTIC] = "opportunistic",
	[TLS_REQUIRED] = "required",
	[TLS_VERIFY] = "verify",
};

bool tls_policy_parse(struct slice word, enum tls_policy *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		if (slice_eq_nocase(word, slice_of(policies[i]))) {
			*ret = (enum tls_policy)i;
			return true;
		}
	return false;
}

/* ---- the host ---- */

static bool parse_port(struct slice s, uint16_t *ret)
{
	uint64_t port;

	if (s.n == 0)
		return true;
	if (s.p[0] != ':' ||
	    slice_number(slice_from(s, 1), 1, 65535, &port) < 0)
		return false;
	*ret = (uint16_t)port;
	return true;
}

static bool is_ip(struct slice s)
{
	struct peer p;

	if (slice_starts_nocase(s, SLICE("IPv6:")))
		s = slice_from(s, 5);
	return peer_parse(s, &p) == 0;
}

static bool parse_host(struct slice value, struct hop *h)
{
	size_t end;

	h->fixed = slice_starts(value, SLICE("["));
	end = slice_find(value, h->fixed ? ']' : ':');
	if (value.n == 0 || (h->fixed && end == value.n))
		return false;
	if (h->fixed)
		h->host = slice_from(slice_upto(value, end++), 1);
	else
		h->host = slice_upto(value, end);
	if (!parse_port(slice_from(value, end), &h->port))
		return false;
	h->implicit = h->port == HOP_IMPLICIT_PORT;
	return h->fixed ? is_ip(h->host) || shape_is_host(h->host)
			: h->host.n == 0 || shape_is_host(h->host);
}

/* ---- the words behind it ---- */

static bool take_tls(struct hop *h, struct slice value)
{
	if (h->tls_said || !tls_policy_parse(value, &h->tls))
		return false;
	h->tls_said = true;
	return true;
}

static bool take_name(struct hop *h, struct slice value)
{
	if (h->name.n > 0 || !shape_is_host(value))
		return false;
	h->name = value;
	return true;
}

static bool take_login(struct hop *h, struct slice value)
{
	if (h->login.n > 0 || value.n == 0 || value.n > LOGIN_MAX)
		return false;
	for (size_t i = 0; i < value.n; i++)
		if (!ascii_is_alnum(value.p[i]) &&
		    (value.p[i] == '\0' || !strchr("-._@", value.p[i])))
			return false;
	h->login = value;
	return true;
}

static const struct {
	const char *key;
	bool (*take)(struct hop *h, struct slice value);
} words[] = {
	{ "tls=", take_tls },
	{ "name=", take_name },
	{ "auth=", take_login },
};

static bool take_word(struct hop *h, struct slice word)
{
	if (slice_eq_nocase(word, SLICE("implicit"))) {
		h->implicit = true;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct slice key = slice_of(words[i].key);

		if (slice_starts_nocase(word, key))
			return words[i].take(h, slice_from(word, key.n));
	}
	return false;
}

/* No password goes through the clear, and what begins with TLS has it. */
static bool contradicts_itself(const struct hop *h)
{
	return h->tls_said && h->tls < TLS_REQUIRED &&
	       (h->implicit || h->login.n > 0);
}

bool hop_parse(struct slice value, struct hop *ret)
{
	struct hop h = { .port = 0 };
	struct slice word = slice_word(&value);

	if (!parse_host(word, &h))
		return false;
	while ((word = slice_word(&value)).n > 0)
		if (!take_word(&h, word))
			return false;
	if (contradicts_itself(&h))
		return false;
	*ret = h;
	return true;
}

/* ---- back to text ---- */

static void lower(struct slice s)
{
	char *p = (char *)s.p; /* the arena's, so ours */

	for (size_t i = 0; p && i < s.n; i++)
		p[i] = ascii_lower(p[i]);
}

static int put_words(struct buf *b, const struct hop *h)
{
	int r = 0;

	if (h->tls_said)
		r = buf_printf(b, " tls=%s", policies[h->tls]);
	if (r == 0 && h->implicit && h->port != HOP_IMPLICIT_PORT)
		r = buf_put(b, SLICE(" implicit"));
	if (r == 0 && h->name.n > 0)
		r = buf_printf(b, " name=%.*s", SLICE_ARG(h->name));
	return r;
}

struct slice hop_spell(struct slice domain, const struct hop *h,
		       struct arena *arena)
{
	struct slice host = h->host.n > 0 ? h->host : domain;
	struct buf b = BUF(1024);
	struct slice key = SLICE_NONE;
	int r = buf_printf(&b, "%s%.*s%s", h->fixed ? "[" : "", SLICE_ARG(host),
			   h->fixed ? "]" : "");

	if (r == 0 && h->port > 0)
		r = buf_printf(&b, ":%u", h->port);
	if (r == 0)
		r = put_words(&b, h);
	if (r == 0)
		key = arena_copy(arena, buf_slice(&b));
	buf_done(&b);
	lower(key);
	if (key.p && h->login.n > 0) /* whose case counts */
		key = arena_printf(arena, "%.*s auth=%.*s", SLICE_ARG(key),
				   SLICE_ARG(h->login));
	return key;
}
