/* SPDX-License-Identifier: ISC */
/* What a hostile server may say to our client. */
#include <assert.h>

#include "smtp/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] = "Subject: x\n\n.dots\nFrom here\nlast";

static ssize_t body(void *context, uint64_t offset, void *p, size_t n)
{
	struct slice rest = slice_from(SLICE(text), (size_t)offset);

	(void)context;
	rest = slice_upto(rest, n);
	memcpy(p, rest.p, rest.n);
	return (ssize_t)rest.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct buf out = BUF(1 << 20);
	struct stream *stream = stream_new_memory(in, 1 + size % 5, &out);
	struct smtp_client *c = smtp_client_new(stream, SLICE("us.example"));
	struct recipient to[2] = { { .address = SLICE("a@b.example") },
				   { .address = SLICE("c@d.example"),
				     .notify = DSN_SUCCESS } };
	const struct envelope env = { .from = SLICE("s@us.example"),
				      .to = to,
				      .n_to = 2,
				      .octets = sizeof(text) - 1 + 5 };
	const size_t which[] = { 0, 1 };
	struct outcome results[2];

	if (smtp_client_greet(c).kind == OUTCOME_OK)
		for (int i = 0; i < 2; i++)
			if (!smtp_client_send(c, &env, which, 2, body, NULL,
					      results))
				break;
	smtp_client_free(c);
	buf_done(&out);
	return 0;
}
