/* SPDX-License-Identifier: ISC */
/* See proxied.h. Never looks at what a stranger sends. */
#include "main/proxied.h"

#include <syslog.h>

#include "base/log.h"
#include "net/proxy.h"

static const struct log_kind came_through = {
	.id = "5aed9e6833824d4ea6206b5a0b1d3f09",
	.level = LOG_INFO,
	.text = "client of a proxy",
};

static const struct log_kind no_header = {
	.id = "4cdc37ce88aa4c41b409d07a96c8a5d9",
	.level = LOG_NOTICE,
	.text = "proxy refused",
};

static void log_door(const struct handler *h, const struct log_kind *kind,
		     const char *detail)
{
	const struct door *d = &h->door;
	const struct log_field fields[] = {
		{ "SESSION", slice_of(h->session) },
		{ "PEER", slice_of(d->peer_text) },
		{ "PROXY", slice_of(d->proxy_text) },
		{ "DETAIL", slice_of(detail) },
	};

	log_event(kind, fields, ARRAY_LEN(fields));
}

void proxied_stand_in(struct handler *h, const struct peer *client,
		      const char *how)
{
	door_stand_in(&h->door, client);
	log_door(h, &came_through, how);
}

static bool is_proxy(const struct handler *h)
{
	const struct settings *s = &h->program.settings;

	return networks_have(&s->proxy.networks, &h->door.peer) &&
	       (s->proxy.ports.n == 0 ||
		ports_have(&s->proxy.ports, peer_port_of_ours(STDIN_FILENO)));
}

static void obey(struct handler *h, const struct proxy_header *header)
{
	switch (header->says) {
	case PROXY_SAYS_ITSELF:
		return;
	case PROXY_SAYS_CLIENT:
		proxied_stand_in(h, &header->client, "PROXY");
		return;
	case PROXY_SAYS_NOBODY:
		proxied_stand_in(h, NULL, "PROXY, without an address");
		return;
	}
}

int proxied_open(struct handler *h)
{
	const int64_t wait_ms =
		(int64_t)h->program.settings.proxy.wait_s * 1000;
	struct proxy_header header;
	const char *why = "";
	int r;

	if (!is_proxy(h))
		return 0;
	stream_deadline(h->stream, wait_ms, wait_ms);
	r = proxy_read(h->stream, &header, &why);
	stream_deadline(h->stream, 0, 0);
	if (r < 0)
		log_door(h, &no_header, why);
	else
		obey(h, &header);
	return r;
}
