/* SPDX-License-Identifier: ISC */
/* See events.h. */
#include "relay/events.h"

#include <syslog.h>

const struct log_kind relay_event_relayed = {
	"0f6d6a4f1b3f4f0f9a4c6be0e1c5a811",
	LOG_NOTICE,
	"relayed",
};

const struct log_kind relay_event_deferred = {
	"9a4b8a5e0c0e4c59b4f2f35f4d0a9c12",
	LOG_NOTICE,
	"relaying put off",
};

const struct log_kind relay_event_failed = {
	"6c1d7b2f8f6a4d76a8c3a2f1be90d413",
	LOG_NOTICE,
	"relaying refused for good",
};

const struct log_kind relay_event_expired = {
	"d37e4c09be1b4a3ba5d41e0f7a62c514",
	LOG_NOTICE,
	"given up: too long in the queue",
};

const struct log_kind relay_event_no_tls = {
	"b6c4f17a90d24c5e8e3f6b1d27a5c018",
	LOG_NOTICE,
	"TLS with another host failed; tried once more in the clear",
};

const struct log_kind relay_event_no_login = {
	"5e0d9c3ab7f24a6c9d15f08e6b41c727",
	LOG_ERR,
	"cannot log in at another host; its mail waits",
};

const struct log_kind relay_event_worker_died = {
	"41f0b8c2a9d64e0d8bb0a7c5f3e1d615",
	LOG_ERR,
	"a worker process died; its mail is tried again later",
};

const struct log_kind relay_event_trouble = {
	"b85ad0f6c3714c4c9f7e2d81a06b3716",
	LOG_ERR,
	"a queue file could not be written",
};

void relay_log_recipient(const struct log_kind *kind,
			 const struct envelope *env, const struct recipient *r,
			 struct slice tls)
{
	const struct log_field fields[] = {
		{ "QUEUE_ID", env->id }, { "FROM", env->from },
		{ "TO", r->address },    { "REMOTE", r->remote },
		{ "STATUS", r->status }, { "DETAIL", r->detail },
		{ "TLS", tls },
	};

	log_event(kind, fields, ARRAY_LEN(fields));
}

void relay_log_no_tls(struct slice remote, struct slice why)
{
	const struct log_field fields[] = { { "REMOTE", remote },
					    { "DETAIL", why } };

	log_event(&relay_event_no_tls, fields, ARRAY_LEN(fields));
}

void relay_log_no_login(struct slice remote, struct slice name,
			struct slice why)
{
	const struct log_field fields[] = {
		{ "REMOTE", remote },
		{ "USER", name },
		{ "DETAIL", why },
	};

	log_event(&relay_event_no_login, fields, ARRAY_LEN(fields));
}

void relay_log_worker_died(struct slice next_hop)
{
	const struct log_field fields[] = { { "REMOTE", next_hop } };

	log_event(&relay_event_worker_died, fields, ARRAY_LEN(fields));
}

void relay_log_trouble(struct slice id, int error)
{
	const struct log_field fields[] = {
		{ "QUEUE_ID", id },
		{ "STATUS", slice_of(strerror(-error)) },
	};

	log_event(&relay_event_trouble, fields, ARRAY_LEN(fields));
}
