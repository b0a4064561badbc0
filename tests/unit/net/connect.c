/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/connect.h"

static int listener(int backlog, uint16_t *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(bind(fd, (struct sockaddr *)&a, n), 0);
	cr_assert_eq(listen(fd, backlog), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

Test(connect, reached_bound_refused)
{
	struct sockaddr_in from;
	socklen_t n = sizeof(from);
	uint16_t port;
	int fd = listener(5, &port), to, peer;

	to = connect_tcp("127.0.0.1", port, "127.0.0.2", 1000);
	cr_assert_geq(to, 0);
	peer = accept(fd, (struct sockaddr *)&from, &n);
	cr_assert_geq(peer, 0);
	cr_assert_str_eq(inet_ntoa(from.sin_addr), "127.0.0.2");
	close(peer);
	close(to);
	close(fd);
	cr_assert_eq(connect_tcp("127.0.0.1", port, NULL, 1000), -ECONNREFUSED);
	cr_assert_eq(connect_tcp("no address", port, NULL, 1000), -EINVAL);
}

Test(connect, waits_no_longer_than_told)
{
	int fds[8];
	uint16_t port;
	int fd = listener(0, &port), r = 0;
	size_t n = 0;

	/* a full backlog answers nobody */
	while (n < ARRAY_LEN(fds) && r >= 0) {
		r = connect_tcp("127.0.0.1", port, NULL, 50);
		if (r >= 0)
			fds[n++] = r;
	}
	cr_assert_eq(r, -ETIMEDOUT);
	while (n > 0)
		close(fds[--n]);
	close(fd);
}
