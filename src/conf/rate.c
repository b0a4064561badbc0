/* SPDX-License-Identifier: ISC */
/* See rate.h. What is not understood never becomes "no limit". */
#include "conf/rate.h"

#include "conf/quantity.h"

#define NONE   SLICE("none")
#define SECOND 1000

/* "1 min", or "min" alone. */
static int parse_per(struct slice text, uint64_t *ret_ms)
{
	struct buf one = BUF(64);
	int r = 0;

	if (text.n == 0)
		return -EINVAL;
	if (ascii_is_digit(text.p[0]))
		return quantity_parse_ms(text, ret_ms);
	r = buf_put_byte(&one, '1');
	if (r == 0)
		r = buf_put(&one, text);
	if (r == 0)
		r = quantity_parse_ms(buf_slice(&one), ret_ms);
	buf_done(&one);
	return r == -EMSGSIZE ? -EINVAL : r;
}

int rate_parse(struct slice text, struct rate *ret)
{
	size_t slash = slice_find(text, '/');
	struct rate rate = { 0 };
	int r;

	if (slice_eq_nocase(text, NONE)) {
		*ret = rate;
		return 0;
	}
	if (slash == text.n)
		return -EINVAL;
	r = slice_number(slice_trim(slice_upto(text, slash)), 1, RATE_MOST,
			 &rate.n);
	if (r == 0)
		r = parse_per(slice_trim(slice_from(text, slash + 1)),
			      &rate.per_ms);
	if (r < 0)
		return r;
	if (rate.per_ms < SECOND || rate.per_ms > RATE_PER_MS)
		return -ERANGE;
	*ret = rate;
	return 0;
}

int rate_format(struct buf *b, const struct rate *r)
{
	int e;

	if (r->n == 0)
		return buf_put(b, NONE);
	e = buf_printf(b, "%llu/", (unsigned long long)r->n);
	return e < 0 ? e : quantity_format_ms(b, r->per_ms);
}
