/* SPDX-License-Identifier: ISC */
/* See dnslist.h. */
#include "conf/dnslist.h"

#include "conf/shape.h"

#define OCTETS 4

/* "*", "2", "2-11"; with `value` >= 0: is it in there? 1, 0, -EINVAL. */
static int judge_octet(struct slice text, int value)
{
	size_t dash = slice_find(text, '-');
	uint64_t low, high;

	if (slice_eq(text, SLICE("*")))
		return 1;
	if (slice_number(slice_upto(text, dash), 0, 255, &low) < 0)
		return -EINVAL;
	high = low;
	if (dash < text.n &&
	    slice_number(slice_from(text, dash + 1), low, 255, &high) < 0)
		return -EINVAL;
	return value < 0 || ((uint64_t)value >= low && (uint64_t)value <= high);
}

/* The same for "127.0.0.2-11"; `answer` NULL: is it one at all? */
static int judge_code(struct slice code, const uint8_t *answer)
{
	struct slice octet;
	int n = 0, all = 1;

	while (slice_field(&code, '.', &octet)) {
		int r = n == OCTETS
				? -EINVAL
				: judge_octet(octet, answer ? answer[n] : -1);

		if (r < 0)
			return r;
		all &= r;
		n++;
	}
	return n == OCTETS ? all : -EINVAL;
}

int dnslist_parse(struct slice word, struct dns_list *ret)
{
	size_t equals = slice_find(word, '=');
	struct dns_list l = { slice_upto(word, equals),
			      slice_from(word, equals + 1) };
	struct slice codes = l.codes, code;

	if (!shape_is_host(l.zone) || (equals < word.n && codes.n == 0))
		return -EINVAL;
	while (codes.n > 0 && slice_field(&codes, '|', &code))
		if (judge_code(code, NULL) < 0)
			return -EINVAL;
	if (l.codes.n > 0 && l.codes.p[l.codes.n - 1] == '|')
		return -EINVAL;
	*ret = l;
	return 0;
}

bool dnslist_is_refusal(const uint8_t answer[4])
{
	return answer[0] == 127 && answer[1] == 255 && answer[2] == 255;
}

bool dnslist_counts(const struct dns_list *l, const uint8_t answer[4])
{
	struct slice codes = l->codes, code;

	if (answer[0] != 127 || dnslist_is_refusal(answer))
		return false;
	if (codes.n == 0)
		return true;
	while (slice_field(&codes, '|', &code))
		if (judge_code(code, answer) > 0)
			return true;
	return false;
}
