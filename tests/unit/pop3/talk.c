/* SPDX-License-Identifier: ISC */
/* See talk.h. */
#include <criterion/criterion.h>

#include "tests/unit/pop3/talk.h"

static const char *const messages[] = {
	"Subject: one\r\n\r\nfirst\r\nsecond\r\n",
	"Subject: dots\r\n\r\n.\r\n..\r\nplain.\r\n.x\r\n",
	"Subject: three\r\n\r\n",
};

static enum pop3_login enter(void *context, struct maildrop **ret,
			     struct slice *ret_fill)
{
	struct talk *t = context;

	if (t->login == POP3_LOGIN_OK)
		*ret = &t->drop;
	if (t->fill)
		*ret_fill = slice_of(t->fill);
	return t->login;
}

static bool plain_ok(void *context)
{
	return ((struct talk *)context)->plain_ok;
}

static void decided(void *context)
{
	struct talk *t = context;

	t->decided++;
}

void talk_new(struct talk *t)
{
	*t = (struct talk){
		.security = { .password = AUTH_STEP_YES },
		.plain_ok = true,
		.drop = { .messages = messages, .n = ARRAY_LEN(messages) },
		.config = { .host = SLICE("mail.example.org"),
			    .session = SLICE("s1"),
			    .peer_ip = SLICE("192.0.2.7"),
			    .logins_max = 3,
			    .idle_ms = 1000 },
		.output = BUF(1 << 20),
	};
}

void talk_done(struct talk *t)
{
	buf_done(&t->output);
}

const char *talk(struct talk *t, const char *input, size_t chunk)
{
	static const char greeting[] =
		"+OK mail.example.org POP3 server ready\r\n";
	const struct auth_hooks auth = security_auth(&t->security);
	const struct pop3_hooks hooks = {
		.context = t,
		.auth = &auth,
		.enter = enter,
		.stls = t->tls ? security_handshake : NULL,
		.tls_ready = security_ready,
		.plain_ok = plain_ok,
		.decided = decided,
	};
	struct stream *s;

	t->security.chunk = chunk;
	buf_reset(&t->output);
	s = stream_new_memory(slice_of(input), chunk, &t->output);
	cr_assert(s != NULL);
	ignore(pop3_serve(s, &t->config, &hooks));
	stream_free(s);
	cr_assert_eq(buf_put_byte(&t->output, '\0'), 0);
	cr_assert_eq(strncmp(t->output.p, greeting, strlen(greeting)), 0, "%s",
		     t->output.p);
	return t->output.p + strlen(greeting);
}

const char *talk_inside(struct talk *t, const char *input)
{
	char whole[2048];
	const char *said;

	(void)snprintf(whole, sizeof(whole), LOGIN "%s", input);
	said = talk(t, whole, 0);
	for (int i = 0; i < 2; i++) {
		said = strstr(said, "\r\n");
		cr_assert(said != NULL);
		said += 2;
	}
	return said;
}
