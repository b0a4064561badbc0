/* SPDX-License-Identifier: ISC */
/* See settings_judge in settings.h: advice, for `postern check` only, so that
 * handlers do not log it with every connection. */
#include "conf/settings.h"

struct advice {
	bool given;
	const char *problem;
	const char *remedy;
};

static bool is_open(const struct networks *n)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->v[i].bits == 0 || n->v[i].bits == 96)
			return true;
	return false;
}

static bool names_stranger(const struct settings *s)
{
	const struct domain_quotas *q = &s->quota.domains;

	for (size_t i = 0; i < q->n; i++)
		if (!settings_own(s, q->v[i].domain))
			return true;
	return false;
}

/* clang-format off */
void settings_judge(const struct settings *s, settings_complain *complain,
		    void *context)
{
	const struct advice all[] = {
		{ slice_find(s->host.name, '.') == s->host.name.n,
		  "our host name has no dot: other hosts may refuse our mail",
		  "set name in [host] to a full name, mail.example.org" },
		{ is_open(&s->smtp.networks),
		  "networks in [smtp] holds the whole internet: an open relay",
		  "name only the networks of your own machines" },
		{ is_open(&s->smtp.xclient),
		  "xclient in [smtp] holds the whole internet: anyone may be "
		  "anyone",
		  "name only the hosts that speak for others" },
		{ is_open(&s->proxy.networks),
		  "networks in [proxy] holds the whole internet: anyone may be "
		  "anyone",
		  "name only the addresses of your proxies" },
		{ s->proxy.ports.n > 0 && s->proxy.networks.n == 0,
		  "ports in [proxy] without networks: no header is read",
		  "name the addresses of your proxies in networks" },
		{ names_stranger(s),
		  "domains in [quota] names one that is not ours",
		  "name those of local and virtual in [domains] alone" },
		{ s->quota.octets > 0 &&
			s->quota.octets < s->smtp.message_max,
		  "size in [quota] is under message_max in [smtp]",
		  "a message that large would never find room: lower the one "
		  "or raise the other" },
		{ s->smtp.recipients_max < 100,
		  "recipients_max in [smtp] is under 100",
		  "RFC 5321 section 4.5.3.1.8 wants at least 100" },
		{ s->smtp.command_s < 300,
		  "command_timeout in [smtp] is under 5 min",
		  "RFC 5321 section 4.5.3.2.7 wants at least 5 min" },
		{ s->smtp.data_s < 180,
		  "data_timeout in [smtp] is under 3 min",
		  "RFC 5321 section 4.5.3.2.5 wants at least 3 min" },
		{ s->pop3.idle_s < 600,
		  "idle_timeout in [pop3] is under 10 min",
		  "RFC 1939 section 3 wants at least 10 min" },
		{ s->queue.expire_s < 4 * 86400ULL,
		  "expire in [queue] is under 4 d",
		  "RFC 5321 section 4.5.4.1 wants 4 to 5 days" },
		{ s->queue.warn_s >= s->queue.expire_s,
		  "warn in [queue] is not under expire",
		  "make it shorter, or 0 for no warning" },
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const struct complaint c = {
			.problem = all[i].problem,
			.remedy = all[i].remedy,
		};

		if (all[i].given)
			complain(context, &c);
	}
}
