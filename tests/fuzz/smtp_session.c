/* SPDX-License-Identifier: ISC */
/* A whole SMTP session, hooks that take everything; the first byte sets the
 * size of the pieces it arrives in. What stands behind the first NUL is said
 * within TLS, once STARTTLS has been. */
#include <assert.h>

#include "smtp/server.h"
#include "security.h"

struct fake {
	struct security security; /* first: fuzz_handshake's context */
	const struct smtp_config *config;
	bool open;
};

static struct verdict fake_mail(void *context, const struct addr *from,
				uint64_t size)
{
	(void)context;
	(void)from;
	(void)size;
	return (struct verdict){ .reply = REPLY_SENDER_OK };
}

static struct verdict fake_rcpt(void *context, const struct addr *to,
				const struct recipient *asked,
				struct envelope *env, struct arena *arena)
{
	struct recipient *r = envelope_add(env, arena);

	(void)context;
	(void)to;
	if (!r)
		return (struct verdict){ .reply = REPLY_TOO_MANY_RCPTS };
	*r = *asked;
	return (struct verdict){ .reply = REPLY_RCPT_OK };
}

static int fake_begin(void *context, struct envelope *env)
{
	struct fake *f = context;

	assert(!f->open && env->n_to > 0);
	f->open = true;
	return 0;
}

static int fake_write(void *context, struct slice bytes)
{
	assert(((struct fake *)context)->open);
	assert(slice_find(bytes, '\r') == bytes.n);
	return 0;
}

static int fake_commit(void *context, uint64_t octets)
{
	assert(((struct fake *)context)->open && octets > 0);
	((struct fake *)context)->open = false;
	return 0;
}

static void fake_abort(void *context)
{
	assert(((struct fake *)context)->open);
	((struct fake *)context)->open = false;
}

/* Every other client may go on speaking for others. */
static int fake_stand_in(void *context, const struct peer *client,
			 struct slice login, struct smtp_config *ret)
{
	const struct fake *f = context;

	assert(!f->open);
	*ret = *f->config;
	ret->may_xclient = !client || client->port % 2 == 0;
	ret->may_relay = login.n > 0;
	return client && client->port == 7 ? -ENOMEM : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake f = { 0 };
	const struct auth_hooks auth = fuzz_auth(&f.security);
	const struct smtp_xclient xclient = { &f, fake_stand_in };
	const struct smtp_hooks hooks = {
		.context = &f,
		.mail = fake_mail,
		.rcpt = fake_rcpt,
		.begin = fake_begin,
		.write = fake_write,
		.commit = fake_commit,
		.abort = fake_abort,
		.starttls = fuzz_handshake,
		.auth = &auth,
		.xclient = &xclient,
	};
	const struct smtp_config c = {
		.role = size > 0 ? data[0] % 3U : SMTP_MX,
		.host = SLICE("mx.example"),
		.may_relay = size > 0 && data[0] % 2 == 0,
		.may_xclient = size > 0 && data[0] % 7 == 0,
		.need_tls = size > 0 && data[0] % 5 == 0,
		.logins_max = 3,
		.message_max = 10000,
		.recipients_max = 10,
		.errors_max = 100,
		.commands_max = 1000,
		.text_line_max = 1000,
		.hops_max = 5,
	};
	struct buf out = BUF(1U << 24);
	struct slice in = { (const char *)data, size };
	const size_t nul = slice_find(slice_from(in, 1), '\0');
	struct stream *s = stream_new_memory(slice_upto(slice_from(in, 1), nul),
					     size > 0 ? data[0] / 3U : 0, &out);

	f.config = &c;
	f.security.inside = slice_from(in, nul + 2);
	ignore(smtp_serve(s, &c, &hooks));
	assert(!f.open && !f.security.under_way);
	stream_free(s);
	buf_done(&out);
	return 0;
}
