/* SPDX-License-Identifier: ISC */
/* See shape.h. Looks at the text alone, never asks whether the thing is. */
#include "conf/shape.h"

#include "base/peer.h"
#include "conf/hop.h"

#define HOST_MAX    253
#define LABEL_MAX   63
#define MAILBOX_MAX 254

static bool is_label(struct slice s)
{
	if (s.n == 0 || s.n > LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return true;
}

bool shape_is_host(struct slice s)
{
	struct slice label;

	if (s.n == 0 || s.n > HOST_MAX)
		return false;
	while (slice_field(&s, '.', &label))
		if (!is_label(label))
			return false;
	return true;
}

static bool is_ip(struct slice s)
{
	struct peer peer;

	return peer_parse(s, &peer) == 0;
}

static bool is_port(struct slice s)
{
	uint64_t port;

	return slice_number(s, 1, 65535, &port) == 0;
}

/* "" or ":port" */
static bool is_port_behind(struct slice s)
{
	return s.n == 0 || (s.p[0] == ':' && is_port(slice_from(s, 1)));
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]:25" */
static bool is_bracketed(struct slice s)
{
	size_t end = slice_find(s, ']');
	struct slice inside;

	if (s.n == 0 || s.p[0] != '[' || end == s.n)
		return false;
	inside = slice_from(slice_upto(s, end), 1);
	if (slice_starts_nocase(inside, SLICE("IPv6:")))
		inside = slice_from(inside, 5);
	return is_ip(inside) && is_port_behind(slice_from(s, end + 1));
}

bool shape_is_hop(struct slice s)
{
	struct hop hop;

	return hop_parse(s, &hop) && hop.host.n > 0;
}

bool shape_is_server(struct slice s)
{
	size_t colon = slice_find(s, ':');

	return is_ip(s) || is_bracketed(s) ||
	       (is_ip(slice_upto(s, colon)) &&
		is_port_behind(slice_from(s, colon)));
}

bool shape_is_path(struct slice s)
{
	return s.p[0] == '/' && s.n < PATH_MAX;
}

bool shape_is_mailbox(struct slice s)
{
	size_t at = slice_find_last(s, '@');

	if (at == 0 || s.n > MAILBOX_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || s.p[i] == '\t')
			return false;
	return at == s.n || shape_is_host(slice_from(s, at + 1));
}
