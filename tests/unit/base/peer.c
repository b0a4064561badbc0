/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sys/socket.h>

#include "base/peer.h"

Test(peer, text_and_back)
{
	static const struct {
		const char *in, *text, *literal;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1" },
		{ "2001:DB8::1", "2001:db8::1", "IPv6:2001:db8::1" },
		{ "::1", "::1", "IPv6:::1" },
	};
	static const char *const bad[] = { "",         "192.0.2", "192.0.2.256",
					   "2001:db8", "x",       "1.2.3.4 ",
					   "::1%lo" };
	char text[PEER_TEXT_MAX];
	struct peer p;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cr_assert_eq(peer_parse(slice_of(rows[i].in), &p), 0, "%s",
			     rows[i].in);
		peer_text(&p, text);
		cr_assert_str_eq(text, rows[i].text);
		peer_literal(&p, text);
		cr_assert_str_eq(text, rows[i].literal);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_assert_eq(peer_parse(slice_of(bad[i]), &p), -EINVAL, "%s",
			     bad[i]);
}

Test(peer, networks)
{
	static const struct {
		const char *network, *ip;
		bool in;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/25", "192.0.2.128", false },
		{ "192.0.2.4/30", "192.0.2.7", true },
		{ "192.0.2.4/30", "192.0.2.8", false },
		{ "0.0.0.0/0", "198.51.100.1", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "127.0.0.1", "127.0.0.1", true },
		{ "127.0.0.1", "127.0.0.2", false },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct network n;
		struct peer p;

		cr_assert_eq(network_parse(slice_of(rows[i].network), &n), 0);
		cr_assert_eq(peer_parse(slice_of(rows[i].ip), &p), 0);
		cr_assert_eq(network_has(&n, &p), rows[i].in, "%s %s",
			     rows[i].network, rows[i].ip);
	}
}

Test(peer, networks_refused)
{
	static const char *const bad[] = { "192.0.2.0/33", "::/129",
					   "/24",          "192.0.2.0/",
					   "192.0.2.0/-1", "192.0.2.0/2x" };
	struct network n;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_assert_eq(network_parse(slice_of(bad[i]), &n), -EINVAL, "%s",
			     bad[i]);
}

Test(peer, loopback)
{
	static const struct {
		const char *ip;
		bool is;
	} rows[] = {
		{ "127.0.0.1", true },    { "127.255.255.255", true },
		{ "::1", true },          { "::ffff:127.0.0.1", true },
		{ "126.0.0.1", false },   { "128.0.0.1", false },
		{ "::2", false },         { "::", false },
		{ "2001:db8::1", false }, { "::127.0.0.1", false },
	};
	struct peer p = { .kind = PEER_NONE };

	cr_assert_not(peer_is_loopback(&p));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cr_assert_eq(peer_parse(slice_of(rows[i].ip), &p), 0);
		cr_assert_eq(peer_is_loopback(&p), rows[i].is, "%s",
			     rows[i].ip);
	}
	p.kind = PEER_UNIX;
	cr_assert_not(peer_is_loopback(&p));
}

Test(peer, of_sockets)
{
	struct peer p, none = { .kind = PEER_NONE };
	char text[PEER_TEXT_MAX];
	int pair[2], pipes[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_assert_eq(pipe(pipes), 0);
	cr_assert_eq(peer_of_socket(pair[0], &p), 0);
	cr_assert_eq(p.kind, PEER_UNIX);
	cr_assert_eq(p.uid, getuid());
	cr_assert_lt(peer_of_socket(pipes[0], &p), 0);
	peer_text(&none, text);
	cr_assert_str_eq(text, "a pipe");
	peer_literal(&none, text);
	cr_assert_str_eq(text, "");
}

/* Somebody behind an address has it in the log, and nothing of its rights. */
Test(peer, behind_another)
{
	struct network n;
	struct peer p;
	char text[PEER_TEXT_MAX];

	cr_assert_eq(peer_parse(SLICE("127.0.0.1"), &p), 0);
	cr_assert_eq(network_parse(SLICE("127.0.0.0/8"), &n), 0);
	cr_assert(peer_has_ip(&p) && peer_is_loopback(&p));
	cr_assert(network_has(&n, &p));
	p.kind = PEER_BEHIND;
	cr_assert(peer_has_ip(&p));
	cr_assert_not(peer_is_loopback(&p));
	cr_assert_not(network_has(&n, &p));
	peer_text(&p, text);
	cr_assert_str_eq(text, "127.0.0.1");
	peer_literal(&p, text);
	cr_assert_str_eq(text, "127.0.0.1");
	p.kind = PEER_UNIX;
	cr_assert_not(peer_has_ip(&p));
}

Test(peer, source)
{
	static const struct {
		const char *address;
		unsigned bits4, bits6;
		const char *source;
	} rows[] = {
		{ "192.0.2.77", 32, 64, "192.0.2.77" },
		{ "192.0.2.77", 24, 64, "192.0.2.0" },
		{ "192.0.2.77", 26, 64, "192.0.2.64" },
		{ "192.0.2.77", 1, 64, "128.0.0.0" },
		{ "2001:db8:1:2:3::4", 32, 64, "2001:db8:1:2::" },
		{ "2001:db8:1:2:3::4", 32, 128, "2001:db8:1:2:3::4" },
		{ "2001:db8:1:2ff:3::4", 32, 57, "2001:db8:1:280::" },
		{ "2001:db8::4", 32, 1, "::" },
	};
	const struct peer nobody = { .kind = PEER_UNIX, .uid = 1000 };
	struct peer p, s = { .kind = PEER_IP };
	char text[PEER_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cr_assert_eq(peer_parse(slice_of(rows[i].address), &p), 0);
		s.ip = peer_source(&p, rows[i].bits4, rows[i].bits6);
		peer_text(&s, text);
		cr_expect_str_eq(text, rows[i].source, "row %zu", i);
	}
	s.ip = peer_source(&nobody, 32, 64);
	cr_expect(IN6_IS_ADDR_UNSPECIFIED(&s.ip));
}
