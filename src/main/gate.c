/* SPDX-License-Identifier: ISC */
/* See gate.h. */
#include "main/gate.h"

#include <syslog.h>

#include "base/log.h"
#include "main/padlock.h"

#define HANDSHAKE_MS 30000

static const struct log_kind no_handshake = {
	.id = "5f0e8ab9b1c14e0f9a3bb0f5a2d4c703",
	.level = LOG_NOTICE,
	.text = "TLS handshake failed",
};

static bool in_tls(const struct gate *g)
{
	return g->info.version[0] != '\0';
}

static bool says(const struct gate *g, const char *policy)
{
	return slice_eq(g->handler->program.settings.auth.cleartext,
			slice_of(policy));
}

static bool is_loopback(const struct peer *p)
{
	static const char *const here[] = { "127.0.0.0/8", "::1" };
	struct network n;

	for (size_t i = 0; i < ARRAY_LEN(here); i++)
		if (network_parse(slice_of(here[i]), &n) == 0 &&
		    network_has(&n, p))
			return true;
	return false;
}

/* doc/auth.md has the table. */
bool gate_plain_ok(const struct gate *g)
{
	const struct peer *p = &g->handler->door.peer;

	if (in_tls(g) || p->kind != PEER_IP || says(g, "yes"))
		return true;
	return says(g, "auto") && (!g->certificate || is_loopback(p));
}

bool gate_offers_tls(const struct gate *g)
{
	return g->certificate && !in_tls(g);
}

static void tell_link(struct gate *g)
{
	const struct auth_link_state state = {
		.plain = gate_plain_ok(g),
		.quiet = !gate_plain_ok(g) && says(g, "no"),
		.binding = g->info.binding,
		.binding_n = g->info.binding_n,
		.external = slice_of(g->info.client),
	};

	auth_link_set(g->link, &state);
}

int gate_shake(void *context, struct stream *s, struct tls_info *ret)
{
	struct gate *g = context;
	int r = 0;

	if (!g->tls)
		r = padlock_open(&g->handler->program.settings, g->alpn,
				 &g->tls);
	if (r < 0) {
		*ret = (struct tls_info){ 0 };
		(void)snprintf(ret->trouble, sizeof(ret->trouble),
			       "the certificate cannot be used: %s",
			       strerror(-r));
		return r;
	}
	stream_deadline(s, HANDSHAKE_MS, HANDSHAKE_MS);
	r = tls_accept(g->tls, s, ret);
	if (r < 0)
		return r;
	g->info = *ret;
	tell_link(g);
	return 0;
}

static int shake_first(struct gate *g)
{
	struct handler *h = g->handler;
	int r = gate_shake(g, h->stream, &g->info);

	if (r < 0) {
		const struct log_field fields[] = {
			{ "SESSION", slice_of(h->session) },
			{ "PEER", slice_of(h->door.peer_text) },
			{ "DETAIL", slice_of(g->info.trouble) },
		};

		log_event(&no_handshake, fields, ARRAY_LEN(fields));
	}
	return r;
}

int gate_open(struct gate *g, struct handler *h, const char *service)
{
	const struct settings *s = &h->program.settings;

	*g = (struct gate){
		.handler = h,
		.alpn = strcmp(service, "pop3") == 0 ? "pop3" : NULL,
		.certificate = padlock_is_there(s),
	};
	g->config = (struct auth_link_config){
		.settings = s,
		.conf = h->program.config,
		.service = service,
		.peer_ip = slice_of(h->door.peer_ip),
		.session = slice_of(h->session),
	};
	g->link = auth_link_new(&g->config);
	if (!g->link)
		return -ENOMEM;
	g->hooks = auth_link_hooks(g->link);
	tell_link(g);
	return h->tls ? shake_first(g) : 0;
}

void gate_close(struct gate *g)
{
	auth_link_free(g->link);
	tls_free(g->tls);
	g->link = NULL;
	g->tls = NULL;
}
