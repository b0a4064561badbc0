/* SPDX-License-Identifier: ISC */
/* See quota.h. What is not understood never becomes "no limit". */
#include "conf/quota.h"

#include "conf/options.h"
#include "conf/quantity.h"
#include "conf/settings.h"
#include "conf/shape.h"

#define NONE SLICE("none")

static const struct slice octets_key = { "quota", 5 };
static const struct slice messages_key = { "messages", 8 };

bool quota_any(const struct quota *q)
{
	return q->octets > 0 || q->messages > 0;
}

/* ---- from text ---- */

int quota_parse_octets(struct slice text, uint64_t *ret)
{
	uint64_t octets = 0;
	int r = slice_eq_nocase(text, NONE)
			? 0
			: quantity_parse_octets(text, &octets);

	if (r == 0 && octets > QUOTA_OCTETS_MAX)
		r = -ERANGE;
	if (r == 0)
		*ret = octets;
	return r;
}

int quota_parse_messages(struct slice text, uint64_t *ret)
{
	if (!slice_eq_nocase(text, NONE))
		return slice_number(text, 0, QUOTA_MESSAGES_MAX, ret);
	*ret = 0;
	return 0;
}

int quota_parse_domain(struct slice word, struct domain_quota *ret)
{
	size_t equals = slice_find(word, '=');
	struct slice limits = slice_from(word, equals + 1);
	size_t slash = slice_find(limits, '/');
	struct slice octets = slice_upto(limits, slash);
	struct slice messages = slice_from(limits, slash + 1);
	struct domain_quota q = {
		.domain = slice_upto(word, equals),
		.octets_given = octets.n > 0,
		.messages_given = messages.n > 0,
	};

	if (!shape_is_host(q.domain) || limits.n == 0 ||
	    (slash < limits.n && messages.n == 0))
		return -EINVAL;
	if (q.octets_given && quota_parse_octets(octets, &q.quota.octets) < 0)
		return -EINVAL;
	if (q.messages_given &&
	    quota_parse_messages(messages, &q.quota.messages) < 0)
		return -EINVAL;
	*ret = q;
	return 0;
}

int quota_read_options(struct slice options, struct quota *q,
		       struct slice *ret_bad)
{
	struct user_option o;
	int r = 0;

	while (user_option_next(&options, &o)) {
		int e = 0;

		if (slice_eq(o.key, octets_key))
			e = quota_parse_octets(o.value, &q->octets);
		else if (slice_eq(o.key, messages_key))
			e = quota_parse_messages(o.value, &q->messages);
		if (e < 0 && r == 0) {
			*ret_bad = o.word;
			r = -EINVAL;
		}
	}
	return r;
}

struct domain_quota quota_given(struct slice options)
{
	struct domain_quota q = { .domain = SLICE_NONE };
	struct user_option o;

	while (user_option_next(&options, &o)) {
		if (slice_eq(o.key, octets_key) &&
		    quota_parse_octets(o.value, &q.quota.octets) == 0)
			q.octets_given = true;
		else if (slice_eq(o.key, messages_key) &&
			 quota_parse_messages(o.value, &q.quota.messages) == 0)
			q.messages_given = true;
	}
	return q;
}

static const struct domain_quota *find(const struct domain_quotas *q,
				       struct slice domain)
{
	for (size_t i = 0; i < q->n; i++)
		if (slice_eq_nocase(q->v[i].domain, domain))
			return &q->v[i];
	return NULL;
}

struct quota settings_quota(const struct settings *s, struct slice name)
{
	struct quota q = { s->quota.octets, s->quota.messages };
	size_t at = slice_find_last(name, '@');
	struct slice domain = slice_from(name, at + 1);
	const struct domain_quota *d;

	if (at == name.n && s->domains.local.n > 0)
		domain = s->domains.local.v[0];
	d = find(&s->quota.domains, domain);
	if (d && d->octets_given)
		q.octets = d->quota.octets;
	if (d && d->messages_given)
		q.messages = d->quota.messages;
	return q;
}

/* ---- to text ---- */

/* "500MB": as one word. */
static int put_octets(struct buf *b, uint64_t octets)
{
	struct buf text = BUF(64);
	int r = octets == 0 ? buf_put(&text, NONE)
			    : quantity_format_octets(&text, octets);

	for (size_t i = 0; r == 0 && i < text.n; i++)
		if (text.p[i] != ' ')
			r = buf_put_byte(b, text.p[i]);
	buf_done(&text);
	return r;
}

static int put_messages(struct buf *b, uint64_t messages)
{
	return messages == 0
		       ? buf_put(b, NONE)
		       : buf_printf(b, "%llu", (unsigned long long)messages);
}

int quota_format_domain(struct buf *b, const struct domain_quota *q)
{
	int r = buf_put(b, q->domain);

	if (r == 0)
		r = buf_put_byte(b, '=');
	if (r == 0 && q->octets_given)
		r = put_octets(b, q->quota.octets);
	if (r == 0 && q->messages_given)
		r = buf_put_byte(b, '/');
	if (r == 0 && q->messages_given)
		r = put_messages(b, q->quota.messages);
	return r;
}

static int put_key(struct buf *b, struct slice key)
{
	int r = b->n > 0 ? buf_put_byte(b, ',') : 0;

	if (r == 0)
		r = buf_put(b, key);
	return r < 0 ? r : buf_put_byte(b, '=');
}

int quota_write_options(struct buf *b, struct slice options,
			const struct domain_quota *set)
{
	struct user_option o;
	int r = 0;

	while (r == 0 && user_option_next(&options, &o)) {
		if (slice_eq(o.key, octets_key) ||
		    slice_eq(o.key, messages_key))
			continue;
		r = b->n > 0 ? buf_put_byte(b, ',') : 0;
		if (r == 0)
			r = buf_put(b, o.word);
	}
	if (r == 0 && set->octets_given)
		r = put_key(b, octets_key);
	if (r == 0 && set->octets_given)
		r = put_octets(b, set->quota.octets);
	if (r == 0 && set->messages_given)
		r = put_key(b, messages_key);
	if (r == 0 && set->messages_given)
		r = put_messages(b, set->quota.messages);
	return r;
}

static int put_size(struct buf *b, uint64_t octets)
{
	int r = quantity_format_octets(b, octets);

	if (r == 0 && ascii_is_digit(b->p[b->n - 1]))
		r = buf_put(b, SLICE(" octets"));
	return r;
}

int quota_format(struct buf *b, const struct quota *q)
{
	int r = 0;

	if (!quota_any(q))
		return buf_put(b, NONE);
	if (q->octets > 0)
		r = put_size(b, q->octets);
	if (r == 0 && q->octets > 0 && q->messages > 0)
		r = buf_put(b, SLICE(" and "));
	if (r == 0 && q->messages > 0)
		r = buf_printf(b, "%llu message%s",
			       (unsigned long long)q->messages,
			       q->messages == 1 ? "" : "s");
	return r;
}
