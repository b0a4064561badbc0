/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <poll.h>

#include "net/biff.h"
#include "net/server.h"

/* Somebody who listens on loopback; his address as text. */
static int listener(char address[64])
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	cr_assert(fd >= 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(fd, (struct sockaddr *)&a, n), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	(void)snprintf(address, 64, "127.0.0.1:%u", ntohs(a.sin_port));
	return fd;
}

Test(biff, tells_who_and_where)
{
	char address[64], got[256] = "";
	int fd = listener(address), to = biff_open(address);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	cr_assert_geq(to, 0);
	cr_assert_eq(biff_send(to, SLICE("alice"), 1234567890123ULL), 0);
	cr_assert_eq(poll(&p, 1, 5000), 1);
	cr_assert_eq(recv(fd, got, sizeof(got) - 1, 0), 19);
	cr_expect_str_eq(got, "alice@1234567890123");
	(void)close(to);
	(void)close(fd);
}

Test(biff, says_nothing_that_could_be_read_otherwise)
{
	static const struct {
		const char *name;
	} rows[] = {
		{ "" }, { "a@b" }, { "example.org/a" }, { "a b" }, { "a\n" },
	};
	char address[64], long_name[300], got[8];
	int fd = listener(address), to = biff_open(address);

	memset(long_name, 'x', sizeof(long_name));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_eq(biff_send(to, slice_of(rows[i].name), 0), -EINVAL,
			     "%s", rows[i].name);
	cr_expect_eq(biff_send(to, (struct slice){ long_name, 256 }, 0),
		     -EINVAL);
	cr_expect_eq(biff_open("nowhere"), -EINVAL);
	cr_expect_eq(recv(fd, got, sizeof(got), MSG_DONTWAIT), -1);
	(void)close(to);
	(void)close(fd);
}

/* Nobody there: neither wait nor failure that a delivery would see. */
Test(biff, nobody_need_listen)
{
	char address[64];
	int fd = listener(address), to = biff_open(address);

	(void)close(fd);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(biff_send(to, SLICE("alice"), 0), 0);
	(void)close(to);
}

/* Whatever address a datagram names, it does not leave this host. */
Test(biff, leads_nowhere_else)
{
	char address[64], device[16] = "";
	int fd = listener(address), to = biff_open(address);
	socklen_t n = sizeof(device);

	cr_assert_eq(getsockopt(to, SOL_SOCKET, SO_BINDTODEVICE, device, &n),
		     0);
	cr_expect_str_eq(device, "lo");
	(void)close(to);
	(void)close(fd);
}
