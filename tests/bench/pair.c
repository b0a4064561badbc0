/* SPDX-License-Identifier: ISC */
/* See pair.h. */
#include "pair.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr = { htonl(INADDR_LOOPBACK) } };
}

int dial(int port)
{
	struct sockaddr_in a = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		err(1, "connect to port %d", port);
	return fd;
}

static int listener(int *ret_port)
{
	struct sockaddr_in a = loopback(0);
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) < 0 ||
	    listen(fd, 1) < 0 || getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		err(1, "listen");
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static void tcp_pair(int ret[2])
{
	int port, door = listener(&port);

	ret[0] = dial(port);
	ret[1] = accept4(door, NULL, NULL, SOCK_CLOEXEC);
	if (ret[1] < 0)
		err(1, "accept");
	close(door);
}

pid_t child_on_socket(bool local, int *ret)
{
	int ends[2];
	pid_t pid;

	if (!local)
		tcp_pair(ends);
	else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		err(1, "socketpair");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		dup2(ends[1], STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
	}
	close(ends[1]);
	if (pid > 0)
		*ret = ends[0];
	else
		close(ends[0]);
	return pid;
}

void put(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0)
			err(1, "write");
		p += done;
		n -= (size_t)done;
	}
}
