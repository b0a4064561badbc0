/* SPDX-License-Identifier: ISC */
/* See events.h. */
#include "deliver/events.h"

#include <inttypes.h>
#include <syslog.h>

const struct log_kind deliver_event_accepted = {
	"f456224d7ddf4f458aff2eff39f50920",
	LOG_NOTICE,
	"message committed",
};

const struct log_kind deliver_event_delivered = {
	"73bc68f6e0de47fb81046934e2b132be",
	LOG_NOTICE,
	"delivered to a mailbox",
};

const struct log_kind deliver_event_deferred = {
	"f6a46ec476e8449692eb6bd0d3dc29ed",
	LOG_NOTICE,
	"delivery put off",
};

const struct log_kind deliver_event_failed = {
	"b42e58bebca44610ad8cd035a3f19a3e",
	LOG_NOTICE,
	"delivery given up",
};

const struct log_kind deliver_event_loop = {
	"c2763ae7019d4b4cb228c2c0acd3b63c",
	LOG_WARNING,
	"message refused: it has been in this mailbox before",
};

const struct log_kind deliver_event_dsn = {
	"97ffea42ae96473dac02270868e1613d",
	LOG_NOTICE,
	"notification sent",
};

const struct log_kind deliver_event_dropped = {
	"dec236db86364c55a251bf53558c0991",
	LOG_WARNING,
	"undeliverable, and nobody to tell",
};

const struct log_kind deliver_event_bad_option = {
	"d4781a00f755464e98aa0b972af8ea14",
	LOG_WARNING,
	"a user's option is not understood, the default counts",
};

void event_bad_option(const struct route_target *t)
{
	const struct log_field fields[] = {
		{ "MAILBOX", t->mailbox },
		{ "DETAIL", t->bad_option },
		{ "REMEDY", SLICE(QUOTA_REMEDY) },
	};

	if (t->bad_option.n > 0)
		log_event(&deliver_event_bad_option, fields, ARRAY_LEN(fields));
}

const struct log_kind deliver_event_warned = {
	"ef11c3ca02ee4792a71c1469eab99aa9",
	LOG_NOTICE,
	"a mailbox fills up, its owner was told",
};

const struct log_kind deliver_event_not_warned = {
	"d63434c69362414fa9773a0f1e328d15",
	LOG_WARNING,
	"a mailbox fills up, its owner could not be told",
};

void event_warned(const struct route_target *t, const struct usage *usage,
		  int error)
{
	struct buf share = BUF(80);
	const struct log_field fields[] = {
		{ "MAILBOX", t->mailbox },
		{ "DETAIL", quota_format_share(&share, &t->quota, usage) < 0
				    ? SLICE_NONE
				    : buf_slice(&share) },
		{ "STATUS", slice_of(error < 0 ? strerror(-error) : NULL) },
	};

	log_event(error < 0 ? &deliver_event_not_warned : &deliver_event_warned,
		  fields, error < 0 ? 3 : 2);
	buf_done(&share);
}

void event_accepted(const struct envelope *env, const char *how)
{
	char size[24];
	int n = snprintf(size, sizeof(size), "%" PRIu64, env->octets);
	const struct log_field fields[] = {
		{ "QUEUE_ID", env->id },
		{ "FROM", env->from },
		{ "SIZE", { size, (size_t)n } },
		{ "DETAIL", slice_of(how) },
	};

	log_event(&deliver_event_accepted, fields, ARRAY_LEN(fields));
}

void event_recipient(const struct log_kind *kind, const struct envelope *env,
		     const struct recipient *r)
{
	const struct log_field fields[] = {
		{ "QUEUE_ID", env->id },
		{ "TO", r->address },
		{ "STATUS", r->status },
		{ "DETAIL", r->detail },
	};

	log_event(kind, fields, ARRAY_LEN(fields));
}

void event_dsn(const struct log_kind *kind, const struct envelope *env,
	       struct slice to, const char *what)
{
	const struct log_field fields[] = {
		{ "QUEUE_ID", env->id },
		{ "TO", to },
		{ "DETAIL", slice_of(what) },
	};

	log_event(kind, fields, ARRAY_LEN(fields));
}
