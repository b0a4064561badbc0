/* SPDX-License-Identifier: ISC */
/* Delivery status notifications: multipart/report of message/delivery-status,
 * RFC 3461 to 3464, 6522, 6533; never in answer to a null sender. */
#pragma once

#include "base/buf.h"
#include "mail/envelope.h"

enum dsn_action { DSN_FAILED, DSN_DELAYED, DSN_DELIVERED };

/* One report about those recipients of `env` for which `about` (one bool
 * each) is set. message: the original, from its start, LF lines (fd, offset,
 * length): its header (of at most DSN_HEADER_MAX), or, if RET=FULL asks for
 * it, it is a failure, and it is no longer than `full_max`, all of it.
 * Written through `out` in pieces, LF lines. */
#define DSN_HEADER_MAX 65536
struct dsn {
	const struct envelope *env;
	const bool *about;
	enum dsn_action action;
	struct slice host;       /* ours: Reporting-MTA */
	struct slice postmaster; /* From: */
	struct slice to;         /* the reader: reverse-path or postmaster */
	int64_t now_us;
	int64_t expire_us; /* Will-Retry-Until */
	int fd;
	uint64_t offset;
	uint64_t length;
	uint64_t full_max;
};

typedef int dsn_out(void *context, struct slice bytes);
int dsn_write(const struct dsn *d, dsn_out *out, void *context) MUST_LOOK;

/* What the report's own envelope must ask for: BODY=8BITMIME, SMTPUTF8. 0 or
 * -errno of reading the original. */
int dsn_needs(const struct dsn *d, bool *ret_eight_bit,
	      bool *ret_smtputf8) MUST_LOOK;

/* Which recipients are owed a report of this kind now (NOTIFY, state, warned,
 * reported)? Fills about[env->n_to]; number of them. Whoever hands NOTIFY on
 * to the next host marks the recipient reported: the promise is then that
 * host's (RFC 3461 §5.2.2). */
size_t dsn_owed(const struct envelope *env, enum dsn_action action,
		bool *about);

/* "failed", "delayed", "delivered". */
const char *dsn_action_text(enum dsn_action action);
