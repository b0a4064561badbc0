/* SPDX-License-Identifier: ISC */
/* esmtp-params of RFC 5321 §4.1.2 for MAIL and RCPT, one table: SIZE (1870),
 * BODY (6152), SMTPUTF8 (6531), RET and ENVID, NOTIFY and ORCPT (3461, 6533),
 * AUTH (4954), REQUIRETLS (8689).
 * And xtext, both ways. */
#pragma once

#include "mail/envelope.h"
#include "smtp/reply.h"

struct mail_params {
	uint64_t size; /* 0: not given */
	bool eight_bit;
	bool smtputf8;
	bool requiretls;
	enum dsn_ret ret;
	struct slice envid;
};

struct rcpt_params {
	unsigned notify;
	struct slice orcpt; /* type;xtext as given, checked */
};

/* `rest`: what stands behind the path. REPLY_OK, or the refusal with the
 * parameter's name as detail. */
struct verdict params_mail(struct slice rest, struct arena *arena,
			   struct mail_params *ret) MUST_LOOK;
struct verdict params_rcpt(struct slice rest, struct arena *arena,
			   struct rcpt_params *ret) MUST_LOOK;

/* xtext, RFC 3461 §4. 0, or -EINVAL, or as buf_put. */
int xtext_encode(struct buf *b, struct slice plain) MUST_LOOK;
int xtext_decode(struct buf *b, struct slice xtext) MUST_LOOK;
