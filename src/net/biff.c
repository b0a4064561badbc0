/* SPDX-License-Identifier: ISC */
/* See biff.h. */
#include "net/biff.h"

#include <sys/socket.h>

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

static bool is_loopback(const union server_address *a)
{
	static const struct in6_addr v6 = IN6ADDR_LOOPBACK_INIT;

	return a->any.sa_family == AF_INET6
		       ? memcmp(&a->v6.sin6_addr, &v6, sizeof(v6)) == 0
		       : ntohl(a->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

int biff_open(const char *address)
{
	union server_address to;
	socklen_t n;
	int fd, r;

	if (server_parse(address, BIFF_PORT, &to, &n) < 0)
		return -EINVAL;
	fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	if (fd < 0)
		return -errno;
	/* best effort: a datagram may name another address than this one */
	if (is_loopback(&to))
		(void)setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo",
				 sizeof("lo"));
	if (connect(fd, &to.any, n) == 0)
		return fd;
	r = -errno;
	(void)close(fd); /* was never of use */
	return r;
}

int biff_send(int biff, struct slice user, uint64_t at)
{
	char text[BIFF_USER_MAX + 32];
	int length;

	if (!is_user(user))
		return -EINVAL;
	length = snprintf(text, sizeof(text), "%.*s@%llu", SLICE_ARG(user),
			  (unsigned long long)at);
	/* the first may only tell that nobody got the last one */
	for (int i = 0; i < 2; i++)
		if (send(biff, text, (size_t)length, MSG_NOSIGNAL) >= 0)
			return 0;
	return -errno;
}
