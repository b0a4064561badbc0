/* SPDX-License-Identifier: ISC */
/* See acceptor.h: what the settings say to it. */
#include "main/acceptor.h"

struct acceptor_terms acceptor_terms_of(const struct settings *s)
{
	return (struct acceptor_terms){
		.limits = { .all = s->acceptor.sessions,
			    .per_source = s->acceptor.per_source,
			    .bits4 = (unsigned)s->acceptor.bits4,
			    .bits6 = (unsigned)s->acceptor.bits6 },
		.idle_s = s->acceptor.idle_s,
		.exempt = { &s->smtp.networks, &s->proxy.networks },
	};
}

void acceptor_watch_config(struct watch *w, const char *config)
{
	char folder[PATH_MAX];

	watch_add(w, config);
	(void)snprintf(folder, sizeof(folder), "%s.d", config);
	watch_add_folder(w, folder, ".conf");
}
