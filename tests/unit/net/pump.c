/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "net/pump.h"

#define MUCH (3U << 20)

/* Our end of the stream, and a process that pumps between that and `house`. */
static pid_t start(int *ret_client, int *ret_house)
{
	int client[2], house[2];
	pid_t pid;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, client), 0);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, house), 0);
	pid = fork();
	if (pid == 0) {
		struct stream *s = stream_new_fd(client[1], client[1]);
		int r;

		(void)close(client[0]);
		(void)close(house[0]);
		r = pump(s, client[1], house[1], 2000);
		stream_free(s);
		_exit(r < 0);
	}
	cr_assert_gt(pid, 0);
	(void)close(client[1]);
	(void)close(house[1]);
	*ret_client = client[0];
	*ret_house = house[0];
	return pid;
}

static int end_of(pid_t pid)
{
	int status = -1;

	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

Test(pump, to_and_fro_until_the_house_ends)
{
	char got[8] = "";
	int client, house;
	pid_t pid = start(&client, &house);

	cr_assert_eq(write(client, "ask", 3), 3);
	cr_assert_eq(recv(house, got, 3, MSG_WAITALL), 3);
	cr_expect_str_eq(got, "ask");
	cr_assert_eq(write(house, "answer", 6), 6);
	cr_assert_eq(shutdown(house, SHUT_WR), 0);
	cr_assert_eq(recv(client, got, 6, MSG_WAITALL), 6);
	cr_expect_eq(memcmp(got, "answer", 6), 0);
	cr_expect_eq(read(client, got, 1), 0, "the client is told");
	cr_expect_eq(end_of(pid), 0);
}

/* The house may have more to say than whoever has nothing left to ask. */
Test(pump, what_a_client_who_has_gone_silent_asked)
{
	char got[8] = "";
	int client, house;
	pid_t pid = start(&client, &house);

	cr_assert_eq(write(client, "x", 1), 1);
	cr_assert_eq(shutdown(client, SHUT_WR), 0);
	cr_assert_eq(read(house, got, 1), 1);
	cr_expect_eq(read(house, got, 1), 0, "the house is told");
	cr_assert_eq(write(house, "yes", 3), 3);
	(void)close(house);
	cr_assert_eq(recv(client, got, 3, MSG_WAITALL), 3);
	cr_expect_eq(read(client, got, 1), 0);
	cr_expect_eq(end_of(pid), 0);
}

/* All comes back to one who reads while he writes; the house takes nothing
 * before it has said much, so that each direction is full once. */
Test(pump, nobody_holds_up_the_other)
{
	int client, house;
	pid_t pid = start(&client, &house), echo = fork();
	size_t sent = 0, got = 0;
	static char piece[100000];

	if (echo == 0) {
		ssize_t n;

		for (size_t i = 0; i < MUCH / sizeof(piece); i++)
			if (send(house, piece, sizeof(piece), 0) !=
			    sizeof(piece))
				_exit(1);
		while ((n = read(house, piece, sizeof(piece))) > 0)
			if (send(house, piece, (size_t)n, 0) != n)
				_exit(1);
		_exit(0);
	}
	(void)close(house);
	while (sent < MUCH || got < MUCH) {
		struct pollfd p = { .fd = client,
				    .events = POLLIN |
					      (sent < MUCH ? POLLOUT : 0) };
		ssize_t n;

		cr_assert_eq(poll(&p, 1, 5000), 1, "%zu sent, %zu back", sent,
			     got);
		if (p.revents & POLLOUT) {
			n = send(client, piece, sizeof(piece), MSG_DONTWAIT);
			sent += n > 0 ? (size_t)n : 0;
		}
		if (p.revents & POLLIN) {
			n = recv(client, piece, sizeof(piece), MSG_DONTWAIT);
			got += n > 0 ? (size_t)n : 0;
		}
	}
	cr_assert_eq(shutdown(client, SHUT_WR), 0);
	while (read(client, piece, sizeof(piece)) > 0)
		;
	cr_expect_eq(end_of(echo), 0);
	cr_expect_eq(end_of(pid), 0);
}

/* A client who takes nothing is left after the wait. */
Test(pump, a_client_who_does_not_read)
{
	static char piece[1 << 20];
	int client, house;
	pid_t pid = start(&client, &house);

	while (send(house, piece, sizeof(piece), MSG_NOSIGNAL) > 0)
		;
	cr_expect_neq(end_of(pid), 0);
	(void)close(client);
}
