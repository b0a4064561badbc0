/* SPDX-License-Identifier: ISC */
/* See hop.h. */
#include "route/hop.h"

#define NAME_MAX_OCTETS 255

static bool name_fine(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_is_alnum(name.p[i]) &&
		    (name.p[i] == '\0' || !strchr(".-_:", name.p[i])))
			return false;
	return name.n <= NAME_MAX_OCTETS;
}

static int parse_port(struct slice s, uint16_t *ret)
{
	uint64_t port = 0;

	if (s.n > 0 && (s.p[0] != ':' ||
			slice_number(slice_from(s, 1), 1, 65535, &port) < 0))
		return -EINVAL;
	*ret = (uint16_t)port;
	return 0;
}

/* "[IPv6:2001:db8::1]" is an address literal's way to say it. */
static struct slice without_tag(struct slice s)
{
	return slice_starts_nocase(s, SLICE("IPv6:")) ? slice_from(s, 5) : s;
}

int hop_parse(struct slice text, struct hop *ret)
{
	struct hop h = { .fixed = text.n > 0 && text.p[0] == '[' };
	size_t end = slice_find(text, h.fixed ? ']' : ':');

	if (h.fixed && end == text.n)
		return -EINVAL;
	h.name = slice_upto(text, end);
	if (h.fixed)
		h.name = without_tag(slice_from(h.name, 1));
	if (parse_port(slice_from(text, h.fixed ? end + 1 : end), &h.port) <
		    0 ||
	    !name_fine(h.name) || (h.name.n == 0 && (h.fixed || !h.port)))
		return -EINVAL;
	*ret = h;
	return 0;
}
