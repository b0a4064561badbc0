/* SPDX-License-Identifier: ISC */
/* What an intruder in a session may say to its keeper: whatever it is, the
 * keeper ends in order, and the mailbox stays one. The input is the verb and
 * the lengths, an octet each, then what follows them; and once more as it
 * comes. */
#include <assert.h>
#include <sys/socket.h>

#include "store/keeper.h"
#include "store/keeper_wire.h"
#include "mailbox.h"

#define HEAD 6 /* octets of input: the verb, four lengths, the message's */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void say(struct slice bytes)
{
	struct store *s = mailbox_fresh();
	int pair[2], big = 1 << 20;

	assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &big, sizeof(big));
	if (send(pair[0], bytes.p, bytes.n, MSG_DONTWAIT) == (ssize_t)bytes.n) {
		assert(shutdown(pair[0], SHUT_WR) == 0);
		keeper_serve(s, pair[1]);
	}
	(void)close(pair[0]);
	(void)close(pair[1]);
	store_close(s);
}

static void say_in_form(struct slice in)
{
	struct buf b = BUF(1 << 18);
	struct keeper_request q;

	memset(&q, 0, sizeof(q));
	q.verb = (enum keeper_verb)((unsigned char)in.p[0] % 6);
	q.owner = (uid_t)-1;
	for (size_t i = 0; i < KEEPER_TEXTS; i++)
		q.n[i] = (unsigned char)in.p[1 + i];
	q.length = (unsigned char)in.p[5];
	q.count = q.length & 1;
	if (buf_put(&b, (struct slice){ (const char *)&q, sizeof(q) }) == 0 &&
	    buf_put(&b, slice_from(in, HEAD)) == 0)
		say(buf_slice(&b));
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	char start[5] = "From ";

	if (size > HEAD && size < 65536)
		say_in_form(in);
	if (size > 0 && size < 65536)
		say(in);
	(void)mailbox_get("a", start, sizeof(start));
	assert(memcmp(start, "From ", sizeof(start)) == 0);
	return 0;
}
