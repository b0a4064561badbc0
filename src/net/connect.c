/* SPDX-License-Identifier: ISC */
/* See connect.h. */
#include "net/connect.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int parse(const char *ip, uint16_t port, union address *ret,
		 socklen_t *ret_n)
{
	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, ip, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		*ret_n = sizeof(ret->v4);
		return 0;
	}
	if (inet_pton(AF_INET6, ip, &ret->v6.sin6_addr) == 1) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons(port);
		*ret_n = sizeof(ret->v6);
		return 0;
	}
	return -EINVAL;
}

static int bind_to(int fd, const char *bind_ip)
{
	union address own;
	socklen_t n;
	int r = parse(bind_ip, 0, &own, &n);

	if (r < 0)
		return r;
	return bind(fd, &own.any, n) < 0 ? -errno : 0;
}

static int wait_connected(int fd, int64_t wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int64_t until = clock_mono_ms() + wait_ms;
	socklen_t n = sizeof(int);
	int error = 0, ready;

	do {
		int64_t left = until - clock_mono_ms();

		ready = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return -errno;
	if (ready == 0)
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
		return -errno;
	return -error;
}

static int go(int fd, const union address *to, socklen_t n, const char *bind_ip,
	      int64_t wait_ms)
{
	int r = bind_ip ? bind_to(fd, bind_ip) : 0;

	if (r < 0)
		return r;
	if (connect(fd, &to->any, n) == 0)
		return 0;
	return errno == EINPROGRESS ? wait_connected(fd, wait_ms) : -errno;
}

int connect_tcp(const char *ip, uint16_t port, const char *bind_ip,
		int64_t wait_ms)
{
	union address to;
	socklen_t n;
	int r = parse(ip, port, &to, &n);
	int fd;

	if (r < 0)
		return r;
	fd = socket(to.any.sa_family,
		    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	r = go(fd, &to, n, bind_ip, wait_ms);
	if (r < 0) {
		(void)close(fd); /* nothing was sent */
		return r;
	}
	return fd;
}
