/* SPDX-License-Identifier: ISC */
/* See value.h. Names are compared later byte by byte with A-labels, so that
 * anything but ASCII is refused here rather than never found. */
#include "conf/value.h"

#include "conf/quantity.h"
#include "conf/shape.h"

static void *field(const struct setting *s, struct settings *of)
{
	return (char *)of + s->offset;
}

static const void *field_of(const struct setting *s, const struct settings *of)
{
	return (const char *)of + s->offset;
}

static bool is_choice(const struct setting *s, struct slice text)
{
	struct slice rest = slice_of(s->choices);
	struct slice word;

	while ((word = slice_word(&rest)).n > 0)
		if (slice_eq(word, text))
			return true;
	return false;
}

/* Words may also be set apart by commas. */
static bool next_word(struct slice *rest, struct slice *ret)
{
	struct slice s;

	do {
		s = slice_word(rest);
		if (s.n == 0)
			return false;
		*ret = slice_upto(s, slice_find(s, ','));
		if (ret->n < s.n) /* give back what stands behind the comma */
			*rest = (struct slice){
				s.p + ret->n + 1,
				(size_t)(rest->p + rest->n - s.p) - ret->n - 1,
			};
	} while (ret->n == 0);
	return true;
}

/* The first word that is no choice, or .p NULL. */
static struct slice stranger(const struct setting *s, struct slice text)
{
	struct slice word, known, rest;
	bool found;

	while (next_word(&text, &word)) {
		rest = slice_of(s->choices);
		found = false;
		while (!found && (known = slice_word(&rest)).n > 0)
			found = slice_eq_nocase(known, word);
		if (!found)
			return word;
	}
	return SLICE_NONE;
}

struct slice value_culprit(const struct setting *s, struct slice text)
{
	struct slice word =
		s->type == SETTING_CHOICES ? stranger(s, text) : SLICE_NONE;

	return word.p ? word : text;
}

static bool is_valid(const struct setting *s, struct slice text)
{
	switch (s->type) {
	case SETTING_PATH:
		return shape_is_path(text);
	case SETTING_HOST:
		return shape_is_host(text);
	case SETTING_MAILBOX:
		return shape_is_mailbox(text);
	case SETTING_HOP:
		return shape_is_hop(text);
	case SETTING_SERVER:
		return shape_is_server(text);
	case SETTING_CHOICE:
		return is_choice(s, text);
	case SETTING_CHOICES:
		return !stranger(s, text).p;
	case SETTING_TEXT:
		return true;
	default:
		return false;
	}
}

/* ---- from text ---- */

static int parse_bool(struct slice text, bool *ret)
{
	static const struct {
		struct slice word;
		bool value;
	} words[] = {
		{ SLICE("yes"), true },  { SLICE("no"), false },
		{ SLICE("true"), true }, { SLICE("false"), false },
		{ SLICE("on"), true },   { SLICE("off"), false },
		{ SLICE("1"), true },    { SLICE("0"), false },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (slice_eq_nocase(text, words[i].word)) {
			*ret = words[i].value;
			return 0;
		}
	return -EINVAL;
}

static int parse_quantity(const struct setting *s, struct slice text,
			  uint64_t *ret)
{
	int r;

	switch (s->type) {
	case SETTING_NUMBER:
		return slice_number(text, 0, UINT64_MAX, ret);
	case SETTING_OCTETS:
		return quantity_parse_octets(text, ret);
	case SETTING_PERCENT:
		return quantity_parse_percent(text, ret);
	default:
		r = quantity_parse_ms(text, ret);
		if (r < 0 || s->type == SETTING_MS)
			return r;
		if (*ret % 1000 != 0)
			return -EINVAL;
		*ret /= 1000;
		return 0;
	}
}

static int parse_number(const struct setting *s, struct slice text,
			uint64_t *ret)
{
	uint64_t value;
	int r = parse_quantity(s, text, &value);

	if (r < 0)
		return r;
	if (value < s->min || value > s->max)
		return -ERANGE;
	*ret = value;
	return 0;
}

static int copy(struct slice text, bool lower, struct arena *arena,
		struct slice *ret)
{
	struct slice s = arena_copy(arena, text);
	char *p = (char *)s.p; /* the arena's copy is ours */

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; lower && i < s.n; i++)
		p[i] = ascii_lower(p[i]);
	*ret = s;
	return 0;
}

static int parse_slice(const struct setting *s, struct slice text,
		       struct arena *arena, struct slice *ret)
{
	if (text.n == 0 ? s->min > 0 : !is_valid(s, text))
		return -EINVAL;
	return copy(text, s->type == SETTING_HOST, arena, ret);
}

static size_t count_words(struct slice text)
{
	struct slice word;
	size_t n = 0;

	while (next_word(&text, &word))
		n++;
	return n;
}

/* Domain names are compared in lower case; paths stay as they are. */
static int parse_words(struct slice text, bool domains, struct arena *arena,
		       struct words *ret)
{
	struct words w = { .n = 0 };
	struct slice word;

	w.v = arena_alloc(arena, (count_words(text) + 1) * sizeof(*w.v));
	if (!w.v)
		return -ENOMEM;
	while (next_word(&text, &word)) {
		if (domains ? !shape_is_host(word) : !shape_is_path(word))
			return -EINVAL;
		if (copy(word, domains, arena, &w.v[w.n++]) < 0)
			return -ENOMEM;
	}
	*ret = w;
	return 0;
}

static int parse_networks(struct slice text, struct arena *arena,
			  struct networks *ret)
{
	struct networks n = { .n = 0 };
	struct slice word;

	n.v = arena_alloc(arena, (count_words(text) + 1) * sizeof(*n.v));
	if (!n.v)
		return -ENOMEM;
	while (next_word(&text, &word))
		if (network_parse(word, &n.v[n.n++]) < 0)
			return -EINVAL;
	*ret = n;
	return 0;
}

static int parse_ports(struct slice text, struct arena *arena,
		       struct ports *ret)
{
	struct ports p = { .n = 0 };
	struct slice word;
	uint64_t port;

	p.v = arena_alloc(arena, (count_words(text) + 1) * sizeof(*p.v));
	if (!p.v)
		return -ENOMEM;
	while (next_word(&text, &word)) {
		if (slice_number(word, 1, 65535, &port) < 0)
			return -EINVAL;
		p.v[p.n++] = (uint16_t)port;
	}
	*ret = p;
	return 0;
}

static int parse_quotas(struct slice text, struct arena *arena,
			struct domain_quotas *ret)
{
	struct domain_quotas q = { .n = 0 };
	struct slice word;

	q.v = arena_alloc(arena, (count_words(text) + 1) * sizeof(*q.v));
	if (!q.v)
		return -ENOMEM;
	while (next_word(&text, &word)) {
		struct domain_quota *d = &q.v[q.n++];

		if (quota_parse_domain(word, d) < 0)
			return -EINVAL;
		if (copy(d->domain, true, arena, &d->domain) < 0)
			return -ENOMEM;
	}
	*ret = q;
	return 0;
}

static int parse_lists(struct slice text, struct arena *arena,
		       struct dns_lists *ret)
{
	struct dns_lists l = { .n = 0 };
	struct slice word;

	l.v = arena_alloc(arena, (count_words(text) + 1) * sizeof(*l.v));
	if (!l.v)
		return -ENOMEM;
	while (next_word(&text, &word)) {
		if (copy(word, true, arena, &word) < 0)
			return -ENOMEM;
		if (dnslist_parse(word, &l.v[l.n++]) < 0)
			return -EINVAL;
	}
	*ret = l;
	return 0;
}

int value_parse(const struct setting *s, struct slice text, struct arena *arena,
		struct settings *ret)
{
	void *to = field(s, ret);

	switch (s->type) {
	case SETTING_BOOL:
		return parse_bool(text, to);
	case SETTING_NUMBER:
	case SETTING_SECONDS:
	case SETTING_MS:
	case SETTING_OCTETS:
	case SETTING_PERCENT:
		return parse_number(s, text, to);
	case SETTING_DOMAINS:
	case SETTING_PATHS:
		return parse_words(text, s->type == SETTING_DOMAINS, arena, to);
	case SETTING_NETWORKS:
		return parse_networks(text, arena, to);
	case SETTING_PORTS:
		return parse_ports(text, arena, to);
	case SETTING_QUOTAS:
		return parse_quotas(text, arena, to);
	case SETTING_RATE:
		return rate_parse(text, to);
	case SETTING_LISTS:
		return parse_lists(text, arena, to);
	default:
		return parse_slice(s, text, arena, to);
	}
}

/* ---- to text ---- */

static int format_number(const struct setting *s, uint64_t value, struct buf *b)
{
	switch (s->type) {
	case SETTING_SECONDS:
		return quantity_format_ms(b, value * 1000);
	case SETTING_MS:
		return quantity_format_ms(b, value);
	case SETTING_OCTETS:
		return quantity_format_octets(b, value);
	case SETTING_PERCENT:
		return buf_printf(b, "%llu %%", (unsigned long long)value);
	default:
		return buf_printf(b, "%llu", (unsigned long long)value);
	}
}

/* A word to a line where there are several: never too long for ini.c. */
static int between(struct buf *b, size_t i)
{
	return i > 0 ? buf_put(b, SLICE("\n\t")) : 0;
}

static int format_words(const struct words *w, struct buf *b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < w->n; i++) {
		r = between(b, i);
		if (r == 0)
			r = buf_put(b, w->v[i]);
	}
	return r;
}

static int format_network(const struct network *n, struct buf *b)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct peer peer = { .kind = PEER_IP, .ip = n->ip };
	bool v4 = memcmp(&n->ip, mapped, sizeof(mapped)) == 0 && n->bits >= 96;
	char text[PEER_TEXT_MAX];

	peer_text(&peer, text);
	return buf_printf(b, "%s/%u", text, v4 ? n->bits - 96 : n->bits);
}

static int format_networks(const struct networks *n, struct buf *b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n->n; i++) {
		r = between(b, i);
		if (r == 0)
			r = format_network(&n->v[i], b);
	}
	return r;
}

static int format_ports(const struct ports *p, struct buf *b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->n; i++)
		r = buf_printf(b, "%s%u", i > 0 ? "\n\t" : "", p->v[i]);
	return r;
}

static int format_quotas(const struct domain_quotas *q, struct buf *b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < q->n; i++) {
		r = between(b, i);
		if (r == 0)
			r = quota_format_domain(b, &q->v[i]);
	}
	return r;
}

static int format_lists(const struct dns_lists *l, struct buf *b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++) {
		r = between(b, i);
		if (r == 0)
			r = buf_put(b, l->v[i].zone);
		if (r == 0 && l->v[i].codes.n > 0)
			r = buf_put_byte(b, '=');
		if (r == 0)
			r = buf_put(b, l->v[i].codes);
	}
	return r;
}

int value_format(const struct setting *s, const struct settings *from,
		 struct buf *b)
{
	const void *at = field_of(s, from);

	switch (s->type) {
	case SETTING_BOOL:
		return buf_put(b,
			       *(const bool *)at ? SLICE("yes") : SLICE("no"));
	case SETTING_NUMBER:
	case SETTING_SECONDS:
	case SETTING_MS:
	case SETTING_OCTETS:
	case SETTING_PERCENT:
		return format_number(s, *(const uint64_t *)at, b);
	case SETTING_DOMAINS:
	case SETTING_PATHS:
		return format_words(at, b);
	case SETTING_NETWORKS:
		return format_networks(at, b);
	case SETTING_PORTS:
		return format_ports(at, b);
	case SETTING_QUOTAS:
		return format_quotas(at, b);
	case SETTING_RATE:
		return rate_format(b, at);
	case SETTING_LISTS:
		return format_lists(at, b);
	default:
		return buf_put(b, *(const struct slice *)at);
	}
}

/* clang-format off */
static const char *const looks[] = {
	[SETTING_BOOL] = "yes or no",
	[SETTING_NUMBER] = "a number",
	[SETTING_SECONDS] = "a duration such as 30 s, 5 min, 4 h or 5 d",
	[SETTING_MS] = "a duration such as 300 ms or 2 s",
	[SETTING_OCTETS] = "a size such as 1024, 25 MB or 50 MiB",
	[SETTING_PERCENT] = "a share such as 90 %",
	[SETTING_PATH] = "a path from the root, such as /var/mail",
	[SETTING_HOST] = "a host name such as mail.example.org",
	[SETTING_MAILBOX] = "a user's name or a mail address",
	[SETTING_HOP] = "a next hop such as mx.example.net, "
		"mx.example.net:587 or [192.0.2.1]:587, and behind it "
		"tls=verify, name=mx.example.net, implicit, auth=NAME",
	[SETTING_SERVER] = "an address such as 192.0.2.1 or [::1]:5353",
	[SETTING_CHOICE] = "one of ",
	[SETTING_CHOICES] = "some of ",
	[SETTING_TEXT] = "a text on one line",
	[SETTING_DOMAINS] = "domain names with blanks between (others than "
		"ASCII in their xn-- form, which idn2(1) tells)",
	[SETTING_PATHS] = "paths or patterns from the root with blanks "
		"between, such as /etc/letsencrypt/live/*/fullchain.pem",
	[SETTING_NETWORKS] = "networks with blanks between, such as "
		"192.0.2.0/24 or 2001:db8::/32",
	[SETTING_PORTS] = "port numbers with blanks between, such as "
		"10025 10465",
	[SETTING_QUOTAS] = "domains with their limits and blanks between, "
		"such as example.org=500MB, example.org=1GiB/10000 or "
		"example.org=none",
	[SETTING_RATE] = "a number and a duration such as 60/1 min, up to "
		"1000000 in 1 s to 30 d, or none",
	[SETTING_LISTS] = "DNS zones with blanks between, each with the "
		"answers that count if not all do: list.example.org or "
		"list.example.org=127.0.0.2-11|127.0.*.3",
};
/* clang-format on */

static int expected_range(const struct setting *s, struct buf *b)
{
	int r = buf_put(b, SLICE(", from "));

	if (r == 0)
		r = format_number(s, s->min, b);
	if (r == 0)
		r = buf_put(b, SLICE(" to "));
	return r < 0 ? r : format_number(s, s->max, b);
}

int value_expected(const struct setting *s, struct buf *b)
{
	int r = buf_printf(b, "write %s%s", looks[s->type],
			   s->choices ? s->choices : "");

	switch (s->type) {
	case SETTING_NUMBER:
	case SETTING_SECONDS:
	case SETTING_MS:
	case SETTING_OCTETS:
	case SETTING_PERCENT:
		return r < 0 ? r : expected_range(s, b);
	default:
		return r;
	}
}
