/* SPDX-License-Identifier: ISC */
/* See biff.h. */
#include "net/biff.h"

#include "net/server.h"

static bool is_user(struct slice s)
{
	if (s.n == 0 || s.n > BIFF_USER_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '@' ||
		    s.p[i] == '/' || s.p[i] == 127)
			return false;
	return true;
}

int biff_send(const char *address, struct slice user, uint64_t at)
{
	union server_address to;
	char text[BIFF_USER_MAX + 32];
	socklen_t n;
	int fd, length, r;

	if (!is_user(user) || server_parse(address, BIFF_PORT, &to, &n) < 0)
		return -EINVAL;
	fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	if (fd < 0)
		return -errno;
	length = snprintf(text, sizeof(text), "%.*s@%llu", SLICE_ARG(user),
			  (unsigned long long)at);
	r = sendto(fd, text, (size_t)length, MSG_NOSIGNAL, &to.any, n) < 0
		    ? -errno
		    : 0;
	(void)close(fd); /* the datagram has left, or has not */
	return r;
}
