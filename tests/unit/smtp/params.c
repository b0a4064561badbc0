/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>

#include "smtp/params.h"

static const struct {
	const char *in;
	enum reply_id want;
} mail[] = {
	{ "", REPLY_OK },
	{ " SIZE=0", REPLY_OK },
	{ " size=18446744073709551615", REPLY_OK },
	/* twenty digits are allowed (RFC 1870 §4): taken for the largest */
	{ " SIZE=18446744073709551616", REPLY_OK },
	{ " SIZE=100000000000000000000", REPLY_BAD_PARAM_VALUE },
	{ " SIZE=", REPLY_BAD_PARAM_VALUE },
	{ " SIZE", REPLY_BAD_PARAM_VALUE },
	{ " SIZE=-1", REPLY_BAD_PARAM_VALUE },
	{ " SIZE=1 SIZE=1", REPLY_BAD_PARAM_VALUE },
	{ " BODY=7BIT", REPLY_OK },
	{ " BODY=8bitmime SMTPUTF8", REPLY_OK },
	{ " SMTPUTF8=yes", REPLY_BAD_PARAM_VALUE },
	{ " RET=FULL ENVID=a+2Bb", REPLY_OK },
	{ " RET=SOME", REPLY_BAD_PARAM_VALUE },
	{ " ENVID=a+2b", REPLY_BAD_PARAM_VALUE },
	{ " ENVID=a=b", REPLY_BAD_PARAM_VALUE },
	{ " NOTIFY=NEVER", REPLY_BAD_PARAM },
	{ " COLOUR", REPLY_BAD_PARAM },
	{ " AUTH=<>", REPLY_OK },
	{ " AUTH=e+3Dmc2@example.com", REPLY_OK },
	{ " AUTH=", REPLY_BAD_PARAM_VALUE },
	{ " AUTH=a+3d", REPLY_BAD_PARAM_VALUE },
	{ " REQUIRETLS", REPLY_OK },
	{ " REQUIRETLS=", REPLY_BAD_PARAM_VALUE },
};

Test(params, mail)
{
	for (size_t i = 0; i < ARRAY_LEN(mail); i++) {
		struct arena *arena = arena_new(1 << 16);
		struct mail_params p;
		struct verdict v = params_mail(slice_of(mail[i].in), arena, &p);

		cr_assert_eq(v.reply, mail[i].want, "%s: %u", mail[i].in,
			     reply_row(v.reply)->code);
		arena_free(arena);
	}
}

static const struct {
	const char *in;
	enum reply_id want;
	unsigned notify;
} rcpt[] = {
	{ "", REPLY_OK, 0 },
	{ " NOTIFY=NEVER", REPLY_OK, DSN_NEVER },
	{ " notify=success,Failure,DELAY", REPLY_OK,
	  DSN_SUCCESS | DSN_FAILURE | DSN_DELAY },
	{ " NOTIFY=NEVER,SUCCESS", REPLY_BAD_PARAM_VALUE, 0 },
	{ " NOTIFY=", REPLY_BAD_PARAM_VALUE, 0 },
	{ " NOTIFY=SUCCESS,", REPLY_BAD_PARAM_VALUE, 0 },
	{ " ORCPT=rfc822;a+40b@c", REPLY_OK, 0 },
	{ " ORCPT=rfc822", REPLY_BAD_PARAM_VALUE, 0 },
	{ " ORCPT=;x", REPLY_BAD_PARAM_VALUE, 0 },
	{ " SIZE=1", REPLY_BAD_PARAM, 0 },
};

Test(params, rcpt)
{
	for (size_t i = 0; i < ARRAY_LEN(rcpt); i++) {
		struct arena *arena = arena_new(1 << 16);
		struct rcpt_params p = { 0 };
		struct verdict v = params_rcpt(slice_of(rcpt[i].in), arena, &p);

		cr_assert_eq(v.reply, rcpt[i].want, "%s: %u", rcpt[i].in,
			     reply_row(v.reply)->code);
		if (v.reply == REPLY_OK)
			cr_assert_eq(p.notify, rcpt[i].notify, "%s",
				     rcpt[i].in);
		arena_free(arena);
	}
}
