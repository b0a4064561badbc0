/* SPDX-License-Identifier: ISC */
/* See params.h. Never keeps a value that could not stand in a header field of
 * a DSN: what xtext hides is looked at too. */
#include "smtp/params.h"

#include "base/escape.h"

#define ENVID_MAX 100 /* RFC 3461 §4.4 */
#define ORCPT_MAX 500 /* RFC 3461 §4.2 */
#define AUTH_MAX  500 /* RFC 4954 §5 */

/* What is being filled; one of the two is NULL. */
struct target {
	struct mail_params *mail;
	struct rcpt_params *rcpt;
	struct arena *arena;
};

struct param {
	const char *name;
	bool of_mail;
	bool (*take)(struct target *t, struct slice value);
};

static bool keep(struct target *t, struct slice value, struct slice *ret)
{
	struct slice copy = arena_copy(t->arena, value);

	if (copy.p)
		*ret = copy;
	return copy.p != NULL;
}

/* Decoded, is it printable US-ASCII? */
static bool xtext_printable(struct slice xtext)
{
	struct buf plain = BUF(ORCPT_MAX);
	bool good = xtext_decode(&plain, xtext) == 0;

	for (size_t i = 0; i < plain.n && good; i++)
		good = plain.p[i] >= ' ' && plain.p[i] < 127;
	buf_done(&plain);
	return good;
}

/* size-value ::= 1*20DIGIT; RFC 1870 §5. What no integer holds is too big for
 * us in any case. */
static bool take_size(struct target *t, struct slice value)
{
	uint64_t size = UINT64_MAX;

	if (value.n > 20 ||
	    slice_number(value, 0, UINT64_MAX, &size) == -EINVAL)
		return false;
	t->mail->size = size;
	return true;
}

/* body-value = "7BIT" / "8BITMIME"; RFC 6152 §2 */
static bool take_body(struct target *t, struct slice value)
{
	t->mail->eight_bit = slice_eq_nocase(value, SLICE("8BITMIME"));
	return t->mail->eight_bit || slice_eq_nocase(value, SLICE("7BIT"));
}

/* No value; RFC 6531 §3.4. */
static bool take_smtputf8(struct target *t, struct slice value)
{
	t->mail->smtputf8 = true;
	return value.p == NULL;
}

/* ret-value = "FULL" / "HDRS"; RFC 3461 §4.3 */
static bool take_ret(struct target *t, struct slice value)
{
	if (slice_eq_nocase(value, SLICE("FULL")))
		t->mail->ret = DSN_RET_FULL;
	else if (slice_eq_nocase(value, SLICE("HDRS")))
		t->mail->ret = DSN_RET_HDRS;
	return t->mail->ret != DSN_RET_UNSAID;
}

/* envid-value = xtext; RFC 3461 §4.4 */
static bool take_envid(struct target *t, struct slice value)
{
	return value.n > 0 && value.n <= ENVID_MAX && xtext_printable(value) &&
	       keep(t, value, &t->mail->envid);
}

/* xtext / "<>"; RFC 4954 §5. Who handed it in first is nothing that we could
 * pass on: it is read and not believed, as if it said <>. */
static bool take_auth(struct target *t, struct slice value)
{
	(void)t;
	return value.n > 0 && value.n <= AUTH_MAX && xtext_printable(value);
}

/* No value; RFC 8689 §2. */
static bool take_requiretls(struct target *t, struct slice value)
{
	t->mail->requiretls = true;
	return value.p == NULL;
}

static unsigned notify_flag(struct slice word)
{
	if (slice_eq_nocase(word, SLICE("SUCCESS")))
		return DSN_SUCCESS;
	if (slice_eq_nocase(word, SLICE("FAILURE")))
		return DSN_FAILURE;
	return slice_eq_nocase(word, SLICE("DELAY")) ? DSN_DELAY : 0;
}

/* notify-esmtp-value = "NEVER" / 1#notify-list-element; RFC 3461 §4.1 */
static bool take_notify(struct target *t, struct slice value)
{
	struct slice word;

	if (slice_eq_nocase(value, SLICE("NEVER"))) {
		t->rcpt->notify = DSN_NEVER;
		return true;
	}
	if (value.n == 0)
		return false;
	while (slice_field(&value, ',', &word)) {
		unsigned flag = notify_flag(word);

		if (flag == 0)
			return false;
		t->rcpt->notify |= flag;
	}
	return true;
}

/* addr-type = atom; RFC 3461 §4.2 */
static bool is_addr_type(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return s.n > 0;
}

/* original-recipient-address = addr-type ";" xtext; for the type "utf-8"
 * RFC 6533 §3 has UTF-8 in the place of xtext. */
static bool take_orcpt(struct target *t, struct slice value)
{
	size_t semicolon = slice_find(value, ';');
	struct slice type = slice_upto(value, semicolon);
	struct slice text = slice_from(value, semicolon + 1);
	bool utf8 = slice_eq_nocase(type, SLICE("utf-8"));

	if (value.n > ORCPT_MAX || !is_addr_type(type) || text.n == 0)
		return false;
	if (utf8 ? !utf8_valid(text) : !xtext_printable(text))
		return false;
	return keep(t, value, &t->rcpt->orcpt);
}

/* clang-format off */
static const struct param params[] = {
	{ "SIZE",       true,  take_size },
	{ "BODY",       true,  take_body },
	{ "SMTPUTF8",   true,  take_smtputf8 },
	{ "RET",        true,  take_ret },
	{ "ENVID",      true,  take_envid },
	{ "AUTH",       true,  take_auth },
	{ "REQUIRETLS", true,  take_requiretls },
	{ "NOTIFY",     false, take_notify },
	{ "ORCPT",      false, take_orcpt },
};
/* clang-format on */

static size_t find_param(struct slice name, bool of_mail)
{
	size_t i = 0;

	while (i < ARRAY_LEN(params) &&
	       (params[i].of_mail != of_mail ||
		!slice_eq_nocase(slice_of(params[i].name), name)))
		i++;
	return i;
}

/* esmtp-value = 1*(%d33-60 / %d62-126), and UTF-8 (RFC 6531 §3.3) */
static bool is_value(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '=' ||
		    s.p[i] == 127)
			return false;
	return s.n > 0;
}

/* esmtp-param = esmtp-keyword ["=" esmtp-value] */
static enum reply_id take_param(struct target *t, struct slice word,
				unsigned *seen)
{
	size_t equals = slice_find(word, '=');
	struct slice value = SLICE_NONE;
	size_t i = find_param(slice_upto(word, equals), t->mail != NULL);

	if (i == ARRAY_LEN(params))
		return REPLY_BAD_PARAM;
	if (equals < word.n) {
		value = slice_from(word, equals + 1);
		if (!is_value(value))
			return REPLY_BAD_PARAM_VALUE;
	}
	if (*seen & (1U << i) || !params[i].take(t, value))
		return REPLY_BAD_PARAM_VALUE;
	*seen |= 1U << i;
	return REPLY_OK;
}

static struct verdict take_all(struct slice rest, struct target *t)
{
	unsigned seen = 0;
	struct slice word;

	if (rest.n > 0 && rest.p[0] != ' ')
		return (struct verdict){ REPLY_SYNTAX,
					 SLICE("a blank is wanted behind >") };
	while ((word = slice_word(&rest)).n > 0) {
		enum reply_id reply = take_param(t, word, &seen);

		if (reply != REPLY_OK)
			return (struct verdict){
				reply, slice_upto(word, slice_find(word, '='))
			};
	}
	return (struct verdict){ .reply = REPLY_OK };
}

struct verdict params_mail(struct slice rest, struct arena *arena,
			   struct mail_params *ret)
{
	struct mail_params found = { 0 };
	struct target t = { .mail = &found, .arena = arena };
	struct verdict v = take_all(rest, &t);

	if (v.reply == REPLY_OK)
		*ret = found;
	return v;
}

struct verdict params_rcpt(struct slice rest, struct arena *arena,
			   struct rcpt_params *ret)
{
	struct rcpt_params found = { 0 };
	struct target t = { .rcpt = &found, .arena = arena };
	struct verdict v = take_all(rest, &t);

	if (v.reply == REPLY_OK)
		*ret = found;
	return v;
}
