/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include <arpa/inet.h>

#include "net/server.h"

Test(server, by_its_address)
{
	static const struct {
		const char *text, *ip;
		unsigned port;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", 53 },
		{ "192.0.2.1:5353", "192.0.2.1", 5353 },
		{ "2001:db8::1", "2001:db8::1", 53 },
		{ "[2001:db8::1]", "2001:db8::1", 53 },
		{ "[2001:db8::1]:5353", "2001:db8::1", 5353 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char ip[INET6_ADDRSTRLEN] = "";
		union server_address a;
		socklen_t n = 0;
		bool v6;

		cr_assert_eq(server_parse(rows[i].text, 53, &a, &n), 0, "%s",
			     rows[i].text);
		v6 = a.any.sa_family == AF_INET6;
		(void)inet_ntop(a.any.sa_family,
				v6 ? (void *)&a.v6.sin6_addr
				   : (void *)&a.v4.sin_addr,
				ip, sizeof(ip));
		cr_expect_str_eq(ip, rows[i].ip);
		cr_expect_eq(ntohs(v6 ? a.v6.sin6_port : a.v4.sin_port),
			     rows[i].port, "%s", rows[i].text);
		cr_expect_eq(n, v6 ? sizeof(a.v6) : sizeof(a.v4));
	}
}

Test(server, what_is_none)
{
	static const char *const rows[] = {
		"",
		"localhost",
		"192.0.2.1:0",
		"192.0.2.1:x",
		"192.0.2.1:65536",
		"[2001:db8::1]53",
		"[2001:db8::1",
		"1111111111111111111111111111111111111111111111111111:5",
	};
	union server_address a;
	socklen_t n;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_eq(server_parse(rows[i], 53, &a, &n),
			     -EINVAL, "%s", rows[i]);
}
