/* SPDX-License-Identifier: ISC */
/* Headers by table: good ones, each of them cut off at each octet and with
 * each octet changed, and what may follow them. */
#include <criterion/criterion.h>
#include <sys/socket.h>

#include "net/proxy.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define FROM_4    "\xC0\x00\x02\x07"
#define TO_4      "\xC6\x33\x64\x01"
#define FROM_6    "\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x07"
#define PORTS     "\xDC\x04\x00\x19"

struct row {
	struct slice header;
	enum proxy_says says;
	const char *client;
	unsigned port;
};

static const struct row good[] = {
	{ SLICE("PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\r\n"),
	  PROXY_SAYS_CLIENT, "192.0.2.7", 56324 },
	{ SLICE("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
	  PROXY_SAYS_CLIENT, "255.255.255.255", 65535 },
	{ SLICE("PROXY TCP6 2001:db8::7 2001:DB8::1 0 25\r\n"),
	  PROXY_SAYS_CLIENT, "2001:db8::7", 0 },
	{ SLICE("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
	  PROXY_SAYS_CLIENT, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535 },
	{ SLICE("PROXY UNKNOWN\r\n"), PROXY_SAYS_NOBODY, NULL, 0 },
	{ SLICE("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
	  PROXY_SAYS_NOBODY, NULL, 0 },
	{ SLICE("PROXY UNKNOWN as you like it\r\n"), PROXY_SAYS_NOBODY, NULL,
	  0 },
	{ SLICE(SIGNATURE "\x21\x11\0\x0C" FROM_4 TO_4 PORTS),
	  PROXY_SAYS_CLIENT, "192.0.2.7", 56324 },
	{ SLICE(SIGNATURE "\x21\x21\0\x24" FROM_6 FROM_6 PORTS),
	  PROXY_SAYS_CLIENT, "2001:db8::7", 56324 },
	/* TLVs: a unique id, an empty NOOP */
	{ SLICE(SIGNATURE "\x21\x11\0\x14" FROM_4 TO_4 PORTS
			  "\x05\0\x02id\x04\0\0"),
	  PROXY_SAYS_CLIENT, "192.0.2.7", 56324 },
	/* a checksum, computed apart */
	{ SLICE(SIGNATURE "\x21\x11\0\x13" FROM_4 TO_4 PORTS
			  "\x03\0\x04\x0B\xC9\xF7\x04"),
	  PROXY_SAYS_CLIENT, "192.0.2.7", 56324 },
	/* LOCAL, the block skipped whatever it is */
	{ SLICE(SIGNATURE "\x20\0\0\0"), PROXY_SAYS_ITSELF, NULL, 0 },
	{ SLICE(SIGNATURE "\x20\x11\0\x0C" FROM_4 TO_4 PORTS),
	  PROXY_SAYS_ITSELF, NULL, 0 },
	{ SLICE(SIGNATURE "\x20\xFF\0\x03\x03\xFF\xFF"), PROXY_SAYS_ITSELF,
	  NULL, 0 },
	/* UNSPEC, UDP, a Unix socket */
	{ SLICE(SIGNATURE "\x21\0\0\0"), PROXY_SAYS_NOBODY, NULL, 0 },
	{ SLICE(SIGNATURE "\x21\x12\0\x0C" FROM_4 TO_4 PORTS),
	  PROXY_SAYS_NOBODY, NULL, 0 },
	{ SLICE(SIGNATURE "\x21\x31\0\x04/tmp"), PROXY_SAYS_NOBODY, NULL, 0 },
};

static void expect(const struct row *row, const struct proxy_header *h,
		   size_t i)
{
	char text[PEER_TEXT_MAX];

	cr_expect_eq(h->says, row->says, "row %zu", i);
	if (!row->client)
		return;
	peer_text(&h->client, text);
	cr_expect_str_eq(text, row->client, "row %zu", i);
	cr_expect_eq(h->client.kind, PEER_IP, "row %zu", i);
	cr_expect_eq(h->client.port, row->port, "row %zu", i);
}

Test(proxy, headers)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct proxy_header h;
		const char *why = "";
		size_t n;

		cr_assert_eq(proxy_parse(good[i].header, &n, &h, &why), 0,
			     "row %zu: %s", i, why);
		cr_expect_eq(n, good[i].header.n, "row %zu", i);
		expect(&good[i], &h, i);
	}
}

/* Each beginning wants more, but never more than there will be. */
Test(proxy, cut_off_anywhere)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		for (size_t at = 0; at < good[i].header.n; at++) {
			struct proxy_header h;
			const char *why = "";
			size_t n = 0;
			int r = proxy_parse(slice_upto(good[i].header, at), &n,
					    &h, &why);

			cr_expect_eq(r, -EAGAIN, "row %zu, %zu: %s", i, at,
				     why);
			cr_expect(n > at && n <= good[i].header.n,
				  "row %zu: %zu wanted behind %zu", i, n, at);
		}
}

/* Whatever follows, however it comes: the next to read gets all of it. */
Test(proxy, leaves_what_follows)
{
	const struct slice more = SLICE("\x16\x03\x01 and more\r\n");

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		for (size_t chunk = 0; chunk < 20; chunk++) {
			struct buf in = BUF(1024), out = BUF(1024);
			struct proxy_header h;
			const char *why = "";
			struct stream *s;

			cr_assert_eq(buf_put(&in, good[i].header), 0);
			cr_assert_eq(buf_put(&in, more), 0);
			s = stream_new_memory(buf_slice(&in), chunk, &out);
			cr_assert_eq(proxy_read(s, &h, &why), 0, "row %zu: %s",
				     i, why);
			expect(&good[i], &h, i);
			cr_expect_eq(stream_peek(s).n, 0,
				     "row %zu: an octet too many", i);
			while (stream_fill(s) > 0)
				;
			cr_expect(slice_eq(stream_peek(s), more));
			stream_free(s);
			buf_done(&in);
			buf_done(&out);
		}
}

/* Of a header each octet means something, save those of the addresses, of
 * ports, of what is skipped: any other in its place is an error, or says so. */
Test(proxy, each_octet_counts)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		for (size_t at = 0; at < good[i].header.n; at++) {
			struct buf b = BUF(1024);
			struct proxy_header h = { .says = 99 };
			const char *why = "";
			size_t n;
			int r;

			cr_assert_eq(buf_put(&b, good[i].header), 0);
			b.p[at] ^= 0x80;
			r = proxy_parse(buf_slice(&b), &n, &h, &why);
			if (at < 13 || b.p[0] == 'P')
				cr_expect(r < 0 || h.says == PROXY_SAYS_NOBODY,
					  "row %zu, octet %zu", i, at);
			if (r < 0)
				cr_expect_eq(h.says, 99,
					     "row %zu, octet %zu: said", i, at);
			buf_done(&b);
		}
}

static const struct slice bad[] = {
	SLICE("EHLO c.example\r\n"),
	SLICE("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03"),
	SLICE("proxy TCP4 192.0.2.7 198.51.100.1 56324 25\r\n"),
	SLICE("PROXY\r\n"),
	SLICE("PROXY \r\n"),
	SLICE("PROXY TCP4\r\n"),
	SLICE("PROXY TCP5 192.0.2.7 198.51.100.1 56324 25\r\n"),
	SLICE("PROXY tcp4 192.0.2.7 198.51.100.1 56324 25\r\n"),
	SLICE("PROXY UNKNOWN2\r\n"),
	SLICE("PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n"),
	SLICE("PROXY TCP4 192.0.2.7 198.51.100.1 56324 25 \r\n"),
	SLICE("PROXY TCP4 192.0.2.7 198.51.100.1 56324 25 1\r\n"),
	SLICE("PROXY TCP4  192.0.2.7 198.51.100.1 56324 25\r\n"),
	SLICE("PROXY TCP4 192.0.2.7 198.51.100.1 56324 65536\r\n"),
	SLICE("PROXY TCP4 192.0.2.7 198.51.100.1 056324 25\r\n"),
	SLICE("PROXY TCP4 192.0.2.7 198.51.100.1 56324 -1\r\n"),
	SLICE("PROXY TCP4 192.0.2.07 198.51.100.1 56324 25\r\n"),
	SLICE("PROXY TCP4 192.0.2 198.51.100.1 56324 25\r\n"),
	SLICE("PROXY TCP4 2001:db8::7 2001:db8::1 56324 25\r\n"),
	SLICE("PROXY TCP6 192.0.2.7 198.51.100.1 56324 25\r\n"),
	SLICE("PROXY TCP6 2001:db8::7 198.51.100.1 56324 25\r\n"),
	SLICE("PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\n"),
	SLICE("PROXY TCP4 192.0.2.7 198.51.100.1 56324 25\r\r\n"),
	SLICE("PROXY UNKNOWN \r \r\n"),
	SLICE("PROXY UNKNOWN \n\r\n"),
	/* over 107 octets, the CRLF not to be seen yet */
	SLICE("PROXY UNKNOWN "
	      "23456789012345678901234567890123456789012345678901234567890"
	      "1234567890123456789012345678901234567"),
	SLICE(SIGNATURE "\x11\x11\0\x0C" FROM_4 TO_4 PORTS),
	SLICE(SIGNATURE "\x31\x11\0\x0C" FROM_4 TO_4 PORTS),
	SLICE(SIGNATURE "\x22\x11\0\x0C" FROM_4 TO_4 PORTS),
	SLICE(SIGNATURE "\x21\x41\0\x0C" FROM_4 TO_4 PORTS),
	SLICE(SIGNATURE "\x21\x13\0\x0C" FROM_4 TO_4 PORTS),
	SLICE(SIGNATURE "\x21\x11\0\x0B" FROM_4 TO_4 PORTS),
	SLICE(SIGNATURE "\x21\x21\0\x0C" FROM_4 TO_4 PORTS),
	SLICE(SIGNATURE "\x21\x11\0\x0D" FROM_4 TO_4 PORTS "\x05"),
	SLICE(SIGNATURE "\x21\x11\0\x0F" FROM_4 TO_4 PORTS "\x05\0\x01"),
	SLICE(SIGNATURE "\x21\x11\0\x13" FROM_4 TO_4 PORTS
			"\x03\0\x04\x01\x00\x00\x00"),
	SLICE(SIGNATURE "\x21\x11\0\x11" FROM_4 TO_4 PORTS
			"\x03\0\x02\x00\x00"),
	SLICE(SIGNATURE "\x21\x11\xFF\xFF" FROM_4 TO_4 PORTS),
};

Test(proxy, what_is_none)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct proxy_header h = { .says = 99 };
		const char *why = NULL;
		size_t n;
		int r = proxy_parse(bad[i], &n, &h, &why);

		cr_expect(r == -EPROTO || r == -EMSGSIZE, "row %zu: %d", i, r);
		cr_expect_not_null(why, "row %zu", i);
		cr_expect_eq(h.says, 99, "row %zu", i);
	}
}

/* A line is given up as soon as it cannot become short enough. */
Test(proxy, the_longest_line)
{
	struct buf b = BUF(256);
	struct proxy_header h;
	const char *why;
	size_t n;

	cr_assert_eq(buf_put(&b, SLICE("PROXY UNKNOWN ")), 0);
	while (b.n < 105)
		cr_assert_eq(buf_put_byte(&b, 'x'), 0);
	cr_expect_eq(proxy_parse(buf_slice(&b), &n, &h, &why), -EAGAIN);
	cr_expect_eq(n, 107);
	cr_assert_eq(buf_put_byte(&b, 'x'), 0);
	cr_expect_eq(proxy_parse(buf_slice(&b), &n, &h, &why), -EPROTO);
	buf_done(&b);
}

Test(proxy, nothing_comes)
{
	struct buf out = BUF(16);
	struct stream *s = stream_new_memory(SLICE("PROXY"), 0, &out);
	struct proxy_header h;
	const char *why = NULL;
	int pair[2];

	cr_expect_eq(proxy_read(s, &h, &why), -ECONNRESET);
	cr_expect_not_null(why);
	stream_free(s);
	buf_done(&out);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s = stream_new_fd(pair[0], pair[0]);
	cr_assert_eq(write(pair[1], "PROXY TCP4", 10), 10);
	stream_deadline(s, 30, 30);
	cr_expect_eq(proxy_read(s, &h, &why), -ETIMEDOUT);
	cr_expect_str_eq(why, "no PROXY header in time");
	stream_free(s);
	close(pair[0]);
	close(pair[1]);
}
