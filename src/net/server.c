/* SPDX-License-Identifier: ISC */
/* See server.h. */
#include "net/server.h"

#include <arpa/inet.h>

static int split(struct slice s, char *ret_ip, size_t room, uint16_t *ret_port)
{
	struct slice port = SLICE_NONE;
	size_t colon = slice_find(s, ':');
	uint64_t number = *ret_port;

	if (slice_starts(s, SLICE("["))) {
		size_t end = slice_find(s, ']');

		port = slice_from(s, end + 1);
		if (end == s.n || (port.n > 0 && port.p[0] != ':'))
			return -EINVAL;
		s = slice_from(slice_upto(s, end), 1);
		port = slice_from(port, 1);
	} else if (colon == slice_find_last(s, ':') && colon < s.n) {
		port = slice_from(s, colon + 1);
		s = slice_upto(s, colon);
	}
	if ((port.n > 0 && slice_number(port, 1, 65535, &number) < 0) ||
	    s.n >= room)
		return -EINVAL;
	memcpy(ret_ip, s.p, s.n);
	ret_ip[s.n] = '\0';
	*ret_port = (uint16_t)number;
	return 0;
}

int server_parse(const char *text, uint16_t port, union server_address *ret,
		 socklen_t *ret_n)
{
	char ip[INET6_ADDRSTRLEN];
	union server_address a;

	memset(&a, 0, sizeof(a));
	if (split(slice_of(text), ip, sizeof(ip), &port) < 0)
		return -EINVAL;
	if (inet_pton(AF_INET, ip, &a.v4.sin_addr) == 1) {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons(port);
		*ret_n = sizeof(a.v4);
	} else if (inet_pton(AF_INET6, ip, &a.v6.sin6_addr) == 1) {
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_port = htons(port);
		*ret_n = sizeof(a.v6);
	} else {
		return -EINVAL;
	}
	*ret = a;
	return 0;
}
