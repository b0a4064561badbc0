/* SPDX-License-Identifier: ISC */
/* See inquiry.h. Two rounds: the lists and the name; then why the lists say so,
 * and whether the name leads back. */
#include "trust/inquiry.h"

#include <assert.h>

#include "base/clock.h"
#include "net/dns_many.h"

#define NAMES_MAX   5 /* of one address; what comes after them is not asked */
#define FIRST_MAX   (SETTINGS_LISTS_MAX + 1)
#define SECOND_MAX  (NAMES_MAX + 1)
#define V4_IN_V6_AT 12

static_assert(FIRST_MAX <= DNS_MANY_MAX, "one round");

/* One list of one kind, and the question to it. */
struct asked {
	const struct dns_list *list;
	const struct dns_list **found; /* the field of its kind */
};

struct round {
	struct dns *dns;
	const struct settings *settings;
	const struct peer *peer;
	struct arena *arena;
	int64_t until_ms;
	struct dns_question questions[FIRST_MAX];
	struct asked asked[SETTINGS_LISTS_MAX];
	size_t n; /* questions to lists; behind them, perhaps, the name */
};

static bool wants_name(const struct settings *s)
{
	return !slice_eq(s->trust.reverse, SLICE("no"));
}

bool inquiry_wanted(const struct settings *s)
{
	return wants_name(s) || s->trust.allow_lists.n > 0 ||
	       s->trust.greylist_lists.n > 0 || s->trust.refuse_lists.n > 0;
}

static void add_lists(struct round *r, const struct dns_lists *l,
		      const struct dns_list **found)
{
	for (size_t i = 0; i < l->n && r->n < SETTINGS_LISTS_MAX; i++) {
		r->asked[r->n] = (struct asked){ &l->v[i], found };
		r->questions[r->n++] = (struct dns_question){
			.name = dns_backwards(r->peer, l->v[i].zone, r->arena),
			.type = DNS_A,
		};
	}
}

static bool octets_of(struct slice address, uint8_t ret[4])
{
	struct peer p;

	if (peer_parse(address, &p) < 0)
		return false;
	memcpy(ret, p.ip.s6_addr + V4_IN_V6_AT, 4);
	return true;
}

/* What the i-th list said. */
static void hear(struct round *r, size_t i, struct inquiry *ret)
{
	const struct dns_question *q = &r->questions[i];
	const struct asked *a = &r->asked[i];
	bool sour = false, listed = false;
	uint8_t octets[4];

	for (size_t k = 0; k < q->n; k++) {
		if (!octets_of(q->answers[k], octets))
			continue;
		sour |= dnslist_is_refusal(octets);
		listed |= dnslist_counts(a->list, octets);
	}
	if (sour)
		ret->sour[ret->n_sour++] = a->list->zone;
	else if (listed && !*a->found)
		*a->found = a->list;
}

static int64_t left_ms(const struct round *r)
{
	int64_t left = r->until_ms - clock_mono_ms();

	return left > 0 ? left : 0;
}

static void ask(struct round *r, struct dns_question *q, size_t n,
		struct inquiry *ret)
{
	dns_ask_many(r->dns, q, n, left_ms(r), r->arena);
	ret->n_asked += n;
	for (size_t i = 0; i < n; i++)
		ret->n_unheard +=
			q[i].outcome == DNS_AGAIN || q[i].outcome == DNS_BROKEN;
}

static void first_round(struct round *r, struct inquiry *ret)
{
	const struct settings *s = r->settings;
	size_t n;

	add_lists(r, &s->trust.allow_lists, &ret->allowed);
	add_lists(r, &s->trust.refuse_lists, &ret->refused);
	add_lists(r, &s->trust.greylist_lists, &ret->suspected);
	n = r->n;
	if (wants_name(s))
		r->questions[n++] = (struct dns_question){
			.name = dns_backwards(r->peer, SLICE_NONE, r->arena),
			.type = DNS_PTR,
		};
	ask(r, r->questions, n, ret);
	for (size_t i = 0; i < r->n; i++)
		hear(r, i, ret);
}

static bool leads_to(const struct dns_question *q, const struct peer *p)
{
	struct peer one;

	for (size_t i = 0; i < q->n; i++)
		if (peer_parse(q->answers[i], &one) == 0 &&
		    memcmp(&one.ip, &p->ip, sizeof(one.ip)) == 0)
			return true;
	return false;
}

static bool is_no(const struct dns_question *q)
{
	return q->outcome == DNS_NO_NAME || q->outcome == DNS_NO_DATA;
}

/* `q`: the names of the address, asked for theirs. */
static void confirm(struct round *r, const struct dns_question *q, size_t n,
		    struct inquiry *ret)
{
	bool known = true;

	for (size_t i = 0; i < n; i++) {
		if (leads_to(&q[i], r->peer)) {
			ret->name = q[i].name;
			return;
		}
		/* nine addresses, and ours is not among the first eight? */
		known &= is_no(&q[i]) || (q[i].outcome == DNS_FOUND &&
					  q[i].n < DNS_ANSWERS_MAX);
	}
	ret->nameless = known;
}

/* Which list's word is worst? */
static const struct dns_list *worst(const struct inquiry *i)
{
	return i->refused ? i->refused : i->suspected;
}

static size_t ask_why(struct round *r, const struct inquiry *i,
		      struct dns_question *q)
{
	const struct dns_list *list = worst(i);

	if (!list || i->allowed)
		return 0;
	*q = (struct dns_question){
		.name = dns_backwards(r->peer, list->zone, r->arena),
		.type = DNS_TXT,
	};
	return 1;
}

static size_t ask_back(struct round *r, const struct dns_question *names,
		       struct dns_question *q)
{
	bool v4 = IN6_IS_ADDR_V4MAPPED(&r->peer->ip);
	size_t n = names->n < NAMES_MAX ? names->n : NAMES_MAX;

	for (size_t i = 0; i < n; i++)
		q[i] = (struct dns_question){
			.name = names->answers[i],
			.type = v4 ? DNS_A : DNS_AAAA,
		};
	return n;
}

static void second_round(struct round *r, struct inquiry *ret)
{
	const struct dns_question *names = &r->questions[r->n];
	bool named = wants_name(r->settings);
	struct dns_question q[SECOND_MAX];
	size_t why = ask_why(r, ret, q);
	size_t back = named ? ask_back(r, names, q + why) : 0;

	ask(r, q, why + back, ret);
	if (why > 0 && q[0].n > 0)
		ret->reason = q[0].answers[0];
	if (back > 0)
		confirm(r, q + why, back, ret);
	else
		ret->nameless = named && is_no(names);
}

void inquiry_make(struct dns *d, const struct settings *s, const struct peer *p,
		  struct arena *arena, struct inquiry *ret)
{
	struct round r = {
		.dns = d,
		.settings = s,
		.peer = p,
		.arena = arena,
		.until_ms = clock_mono_ms() + (int64_t)s->trust.wait_ms,
	};

	*ret = (struct inquiry){ .allowed = NULL };
	first_round(&r, ret);
	second_round(&r, ret);
}
