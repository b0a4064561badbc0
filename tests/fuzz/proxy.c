/* SPDX-License-Identifier: ISC */
/* The PROXY header: the same however it is cut, what is wanted next never more
 * than there is, not an octet taken of what follows. The first byte: how it is
 * cut. */
#include <assert.h>

#include "net/proxy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each beginning of a header wants more of it, whatever else is good or bad. */
static int judge(struct slice in, size_t *ret_n, struct proxy_header *ret)
{
	const char *why = NULL;
	int r = proxy_parse(in, ret_n, ret, &why);
	size_t most = *ret_n < 300 ? *ret_n : 300;

	assert(r == 0 || r == -EAGAIN || (r < 0 && why));
	if (r == -EAGAIN)
		assert(*ret_n > in.n && *ret_n <= PROXY_HEADER_MAX);
	if (r != 0)
		return r;
	assert(*ret_n <= in.n);
	for (size_t at = 0; at < most; at++) {
		struct proxy_header none;
		size_t n;

		assert(proxy_parse(slice_upto(in, at), &n, &none, &why) ==
		       -EAGAIN);
		assert(n > at && n <= *ret_n);
	}
	return 0;
}

static void expect_same(const struct proxy_header *a,
			const struct proxy_header *b)
{
	assert(a->says == b->says);
	if (a->says != PROXY_SAYS_CLIENT)
		return;
	assert(a->client.kind == PEER_IP && b->client.kind == PEER_IP);
	assert(memcmp(&a->client.ip, &b->client.ip, sizeof(a->client.ip)) == 0);
	assert(a->client.port == b->client.port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in =
		slice_from((struct slice){ (const char *)data, size }, 1);
	struct buf out = BUF(16);
	struct proxy_header whole, read;
	const char *why = NULL;
	struct stream *s;
	size_t n = 0;
	int r;

	if (size == 0)
		return 0;
	r = judge(in, &n, &whole);
	s = stream_new_memory(in, data[0] % 64U, &out);
	if (r == 0) {
		assert(proxy_read(s, &read, &why) == 0);
		expect_same(&whole, &read);
		assert(stream_peek(s).n == 0);
		while (n < in.n && stream_fill(s) > 0)
			stream_consume(s, 0);
		assert(slice_eq(stream_peek(s), slice_upto(slice_from(in, n),
							   stream_peek(s).n)));
	} else {
		assert(proxy_read(s, &read, &why) < 0 && why);
	}
	stream_free(s);
	buf_done(&out);
	return 0;
}
