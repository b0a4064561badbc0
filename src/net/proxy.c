/* SPDX-License-Identifier: ISC */
/* See proxy.h. Sections are those of HAProxy's doc/proxy-protocol.txt. A whole
 * header is looked at at once; until there is one only its length is. */
#include "net/proxy.h"

#define LINE_LEAST 15  /* "PROXY UNKNOWN" CRLF */
#define LINE_MOST  107 /* §2.1, with CRLF */
#define FIXED      16  /* octets of version 2 before the addresses */
#define CRC32C     3   /* PP2_TYPE_CRC32C */
#define TLV_HEAD   3   /* type and length */

static const struct slice signature = SLICE("\r\n\r\n\0\r\nQUIT\n"); /* §2.2 */

static unsigned octet(struct slice s, size_t at)
{
	return (unsigned char)s.p[at];
}

static unsigned number16(struct slice s, size_t at)
{
	return octet(s, at) << 8 | octet(s, at + 1);
}

static int refuse(const char *why, const char **ret_why)
{
	*ret_why = why;
	return -EPROTO;
}

/* ---- version 1 ---- */

/* Decimal, without heading zeroes. */
static bool take_port(struct slice *rest, uint16_t *ret)
{
	struct slice word;
	uint64_t n;

	if (!slice_field(rest, ' ', &word) ||
	    slice_number(word, 0, 65535, &n) ||
	    (word.n > 1 && word.p[0] == '0'))
		return false;
	*ret = (uint16_t)n;
	return true;
}

static bool take_address(struct slice *rest, bool v6, struct peer *ret)
{
	struct slice word;

	return slice_field(rest, ' ', &word) && peer_parse(word, ret) == 0 &&
	       (slice_find(word, ':') < word.n) == v6;
}

/* Source and destination addresses, source and destination ports. */
static bool take_ends(struct slice rest, bool v6, struct peer *ret)
{
	struct peer client, server;

	if (!take_address(&rest, v6, &client) ||
	    !take_address(&rest, v6, &server) ||
	    !take_port(&rest, &client.port) ||
	    !take_port(&rest, &server.port) || rest.p)
		return false;
	*ret = client;
	return true;
}

static int parse_line(struct slice line, struct proxy_header *ret,
		      const char **ret_why)
{
	struct slice rest = slice_from(line, 6);
	struct slice family = SLICE_NONE;

	(void)slice_field(&rest, ' ', &family);
	*ret = (struct proxy_header){ .says = PROXY_SAYS_NOBODY };
	/* whatever stands behind it */
	if (slice_eq(family, SLICE("UNKNOWN")))
		return 0;
	ret->says = PROXY_SAYS_CLIENT;
	if (slice_eq(family, SLICE("TCP4")) || slice_eq(family, SLICE("TCP6")))
		return take_ends(rest, family.p[3] == '6', &ret->client)
			       ? 0
			       : refuse("addresses or ports that are none",
					ret_why);
	return refuse("neither TCP4, TCP6 nor UNKNOWN", ret_why);
}

static int parse_v1(struct slice in, size_t *ret_n, struct proxy_header *ret,
		    const char **ret_why)
{
	size_t cr = slice_find(in, '\r');
	size_t lf = slice_find(in, '\n');

	if (lf < cr || (cr + 1 < in.n && in.p[cr + 1] != '\n'))
		return refuse("a bare CR or LF", ret_why);
	if (lf < in.n && lf < LINE_MOST) {
		*ret_n = lf + 1;
		return parse_line(slice_upto(in, cr), ret, ret_why);
	}
	*ret_n = in.n + (cr < in.n ? 1 : 2);
	if (*ret_n > LINE_MOST)
		return refuse("a line over 107 octets", ret_why);
	if (*ret_n < LINE_LEAST)
		*ret_n = LINE_LEAST;
	return -EAGAIN;
}

/* ---- version 2 ---- */

/* RFC 9260, appendix A: reflected, bit by bit; headers are short. */
static uint32_t crc32c(uint32_t crc, struct slice bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		crc ^= octet(bytes, i);
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78U : 0);
	}
	return crc;
}

/* Is the checksum whose value stands at `at` right? It was taken with zeroes
 * in its own place (§2.2.3). */
static bool is_right(struct slice whole, size_t at)
{
	uint32_t told =
		(uint32_t)number16(whole, at) << 16 | number16(whole, at + 2);
	uint32_t crc = crc32c(UINT32_MAX, slice_upto(whole, at));

	crc = crc32c(crc, (struct slice){ "\0\0\0", 4 });
	return ~crc32c(crc, slice_from(whole, at + 4)) == told;
}

/* The TLVs from `at` on: only the checksum means anything to us. */
static int walk(struct slice whole, size_t at, const char **ret_why)
{
	while (at < whole.n) {
		size_t value = at + TLV_HEAD;
		size_t n = value <= whole.n ? number16(whole, at + 1) : 0;

		if (value > whole.n || n > whole.n - value)
			return refuse("a TLV over the end", ret_why);
		if (octet(whole, at) == CRC32C &&
		    (n != 4 || !is_right(whole, value)))
			return refuse("a checksum that is wrong", ret_why);
		at = value + n;
	}
	return 0;
}

static struct peer client_of(struct slice whole, bool v6)
{
	struct peer p = { .kind = PEER_IP };
	size_t n = v6 ? 16 : 4;

	/* IPv4 as ::ffff:a.b.c.d */
	if (!v6)
		p.ip.s6_addr[10] = p.ip.s6_addr[11] = 0xFF;
	memcpy(&p.ip.s6_addr[16 - n], whole.p + FIXED, n);
	p.port = (uint16_t)number16(whole, FIXED + 2 * n);
	return p;
}

/* The 14th octet: family and protocol. */
static int parse_block(struct slice whole, struct proxy_header *ret,
		       const char **ret_why)
{
	unsigned family = octet(whole, 13) >> 4;
	unsigned protocol = octet(whole, 13) & 0xF;
	size_t n = family == 2 ? 36 : 12;

	if (family > 3 || protocol > 2)
		return refuse("no such family or protocol", ret_why);
	*ret = (struct proxy_header){ .says = PROXY_SAYS_NOBODY };
	/* falling back to UNSPEC is what §2.2 allows with all the others */
	if (protocol != 1 || (family != 1 && family != 2))
		return 0;
	if (whole.n < FIXED + n)
		return refuse("too short for its addresses", ret_why);
	ret->says = PROXY_SAYS_CLIENT;
	ret->client = client_of(whole, family == 2);
	return walk(whole, FIXED + n, ret_why);
}

static int parse_v2(struct slice in, size_t *ret_n, struct proxy_header *ret,
		    const char **ret_why)
{
	size_t n = FIXED;

	if (in.n > 12 && octet(in, 12) != 0x20 && octet(in, 12) != 0x21)
		return refuse("no such version or command", ret_why);
	if (in.n >= FIXED)
		n += number16(in, 14);
	if (n > PROXY_HEADER_MAX) {
		*ret_why = "too long";
		return -EMSGSIZE;
	}
	*ret_n = n;
	if (in.n < n)
		return -EAGAIN;
	*ret = (struct proxy_header){ .says = PROXY_SAYS_ITSELF };
	/* LOCAL: the rest is there to be skipped */
	return octet(in, 12) == 0x20
		       ? 0
		       : parse_block(slice_upto(in, n), ret, ret_why);
}

/* ---- either ---- */

/* Is one of them the beginning of the other? */
static bool may_become(struct slice in, struct slice whole)
{
	return slice_eq(slice_upto(in, whole.n), slice_upto(whole, in.n));
}

int proxy_parse(struct slice in, size_t *ret_n, struct proxy_header *ret,
		const char **ret_why)
{
	struct proxy_header header = { .says = PROXY_SAYS_NOBODY };
	int r;

	*ret_n = LINE_LEAST;
	if (in.n == 0)
		return -EAGAIN;
	if (may_become(in, signature))
		r = parse_v2(in, ret_n, &header, ret_why);
	else if (may_become(in, SLICE("PROXY ")))
		r = parse_v1(in, ret_n, &header, ret_why);
	else
		r = refuse("no PROXY header", ret_why);
	if (r == 0)
		*ret = header;
	return r;
}

static int no_more(ssize_t n, const char **ret_why)
{
	*ret_why = n == -ETIMEDOUT ? "no PROXY header in time"
		   : n == 0        ? "the end before a PROXY header"
				   : strerror((int)-n);
	return n == 0 ? -ECONNRESET : (int)n;
}

int proxy_read(struct stream *s, struct proxy_header *ret, const char **ret_why)
{
	for (;;) {
		size_t wanted;
		int r = proxy_parse(stream_peek(s), &wanted, ret, ret_why);
		ssize_t n;

		if (r == 0)
			stream_consume(s, wanted);
		if (r != -EAGAIN)
			return r;
		n = stream_fill_upto(s, wanted);
		if (n <= 0)
			return no_more(n, ret_why);
	}
}
