/* SPDX-License-Identifier: ISC */
/* A whole POP3 session over memory, its maildrop made from the input's tail:
 * the first byte is the size of the pieces, what stands behind the first NUL
 * is the one message, and what is said within TLS, once STLS has been. */
#include <assert.h>

#include "mail/wire.h"
#include "pop3/session.h"
#include "security.h"

struct maildrop {
	struct slice message;
};

static struct maildrop drop;

size_t maildrop_count(const struct maildrop *m)
{
	(void)m;
	return 2;
}

size_t maildrop_unread(const struct maildrop *m)
{
	(void)m;
	return 1;
}

uint64_t maildrop_total(const struct maildrop *m)
{
	return m->message.n;
}

bool maildrop_read_only(const struct maildrop *m)
{
	(void)m;
	return false;
}

int maildrop_error(const struct maildrop *m)
{
	(void)m;
	return 0;
}

uint64_t maildrop_octets(struct maildrop *m, size_t i)
{
	return i == 0 ? m->message.n : 0;
}

const char *maildrop_uid(struct maildrop *m, size_t i)
{
	(void)m;
	return i == 0 ? "one" : "two";
}

int maildrop_send(struct maildrop *m, size_t i, size_t body_lines,
		  mboxrd_out *out, void *context)
{
	struct slice rest = i == 0 ? m->message : SLICE("");
	struct wire w;
	int r = 0;

	wire_start(&w, true, out, context);
	for (; rest.n > 0 && r == 0; rest = slice_from(rest, 7))
		r = wire_push(&w, slice_upto(rest, 7));
	if (r == 0)
		r = wire_end(&w);
	return r < 0 || body_lines != 13 ? r : -ESTALE;
}

int maildrop_expunge(struct maildrop *m, bool *deleted)
{
	(void)m;
	return deleted[0] ? 0 : -ENOSPC;
}

int maildrop_finish(struct maildrop *m)
{
	return m->message.n % 3 > 0 ? 0 : -EIO;
}

void maildrop_close(struct maildrop *m)
{
	(void)m;
}

static enum pop3_login enter(void *context, struct maildrop **ret,
			     struct slice *ret_fill)
{
	(void)context;
	*ret = &drop;
	*ret_fill = SLICE("1 % of 1 GB");
	return POP3_LOGIN_OK;
}

static bool plain_ok(void *context)
{
	return ((struct security *)context)->layered || drop.message.n % 2 == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pop3_config config = { .host = SLICE("mail.example"),
					    .session = SLICE("s"),
					    .peer_ip = SLICE("192.0.2.1"),
					    .logins_max = 3 };
	struct security security = { .inside = SLICE_NONE };
	const struct auth_hooks auth = fuzz_auth(&security);
	const struct pop3_hooks hooks = { .context = &security,
					  .auth = &auth,
					  .enter = enter,
					  .stls = fuzz_handshake,
					  .plain_ok = plain_ok };
	struct slice input = { (const char *)data, size };
	struct buf output = BUF(1 << 22);
	struct stream *s;
	size_t nul;

	if (size == 0)
		return 0;
	input = slice_from(input, 1);
	nul = slice_find(input, '\0');
	drop.message = slice_from(input, nul + 1);
	security.inside = drop.message;
	s = stream_new_memory(slice_upto(input, nul), data[0], &output);
	assert(s);
	ignore(pop3_serve(s, &config, &hooks));
	assert(!security.under_way);
	stream_free(s);
	assert(output.n > 4 && memcmp(output.p, "+OK ", 4) == 0);
	buf_done(&output);
	return 0;
}
