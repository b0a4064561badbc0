/* SPDX-License-Identifier: ISC */
/* See guard.h. */
#include "main/guard.h"

#include <arpa/inet.h>

#include "main/padlock.h"

void guard_start(struct guard *g, const struct settings *settings,
		 const struct door *door, const char *alpn)
{
	*g = (struct guard){
		.settings = settings,
		.door = door,
		.alpn = alpn,
		.certificate = padlock_is_there(settings),
	};
}

bool guard_offers_tls(const struct guard *g)
{
	return g->certificate && !g->in_tls && g->door->socket &&
	       g->door->peer.kind != PEER_UNIX;
}

int guard_handshake(struct guard *g, struct stream *s, struct tls_info *ret)
{
	int r = g->tls ? 0 : padlock_open(g->settings, g->alpn, &g->tls);

	if (r == 0)
		r = tls_accept(g->tls, s, ret);
	if (r < 0 && ret->trouble[0] == '\0')
		(void)snprintf(ret->trouble, sizeof(ret->trouble), "%s",
			       strerror(-r));
	g->in_tls = r == 0;
	g->info = *ret;
	return r;
}

/* 127.0.0.0/8, ::1 and what is mapped */
static bool is_loopback(const struct peer *p)
{
	static const char *const nets[] = { "127.0.0.0/8", "::1/128" };
	struct network net;

	for (size_t i = 0; i < ARRAY_LEN(nets); i++)
		if (network_parse(slice_of(nets[i]), &net) == 0 &&
		    network_has(&net, p))
			return true;
	return false;
}

bool guard_cleartext(const struct guard *g)
{
	struct slice policy = g->settings->auth.cleartext;

	/* no wire that anybody could listen at: a pipe, a Unix socket. A
	 * socket whose peer is not known may be one. */
	if (g->in_tls || !g->door->socket || g->door->peer.kind == PEER_UNIX ||
	    slice_eq(policy, SLICE("yes")))
		return true;
	if (slice_eq(policy, SLICE("no")))
		return false;
	return is_loopback(&g->door->peer) || !g->certificate;
}

void guard_done(struct guard *g)
{
	tls_free(g->tls);
	g->tls = NULL;
}
