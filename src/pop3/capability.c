/* SPDX-License-Identifier: ISC */
/* What this server can do: CAPA (RFC 2449), UTF8 and LANG (RFC 6856). */
#include "pop3/engine.h"

struct language {
	const char *tag;
	const char *name;
};

/* Our texts are plain English, which RFC 2277 §4.5 calls i-default. */
static const struct language languages[] = {
	{ "en", "English" },
	{ "i-default", "Default (English)" },
};

/* CAPA: RFC 2449 §5: the same in both states. */
void pop3_cmd_capa(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;

	if (!session_no_more(s, args))
		return;
	stream_put(d->stream, SLICE("+OK what this server can do\r\n"
				    "TOP\r\nUIDL\r\n"));
	if (s->hooks->plain_ok(s->hooks->context))
		stream_put(d->stream, SLICE("USER\r\n"));
	if (session_mechanisms(s)[0] != '\0')
		stream_printf(d->stream, "SASL %s\r\n", session_mechanisms(s));
	if (session_offers_stls(s))
		stream_put(d->stream, SLICE("STLS\r\n"));
	stream_put(d->stream, SLICE("RESP-CODES\r\nAUTH-RESP-CODE\r\n"
				    "PIPELINING\r\nEXPIRE NEVER\r\n"));
	if (s->config->login_delay_s > 0)
		stream_printf(d->stream, "LOGIN-DELAY %llu\r\n",
			      (unsigned long long)s->config->login_delay_s);
	stream_put(d->stream, SLICE("UTF8\r\nLANG\r\n"
				    "IMPLEMENTATION postern\r\n.\r\n"));
}

static void list_languages(struct stream *out)
{
	stream_put(out, SLICE("+OK languages follow\r\n"));
	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		stream_printf(out, "%s %s\r\n", languages[i].tag,
			      languages[i].name);
	stream_put(out, SLICE(".\r\n"));
}

/* LANG [language-range]: RFC 6856 §3.2; "*" leaves the choice to us. */
void pop3_cmd_lang(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;
	struct slice range = slice_word(&args);

	if (!session_no_more(s, args))
		return;
	if (range.n == 0) {
		list_languages(d->stream);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(languages); i++) {
		const char *tag = languages[i].tag;

		if (!slice_eq_nocase(range, slice_of(tag)) &&
		    !slice_eq(range, SLICE("*")))
			continue;
		stream_printf(d->stream, "+OK %s it is\r\n", tag);
		return;
	}
	session_reply(s, POP3_NO_LANGUAGE);
}

/* UTF8: RFC 6856 §2.1, only before login. Messages are given out as they came
 * in with it or without: to change them would break STAT, UIDL and
 * signatures, and to refuse them would hide mail. */
void pop3_cmd_utf8(struct dialogue *d, struct slice args)
{
	struct session *s = (struct session *)d;

	if (session_no_more(s, args))
		session_reply(s, POP3_UTF8_ON);
}
