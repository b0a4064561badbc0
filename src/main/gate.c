/* SPDX-License-Identifier: ISC */
/* See gate.h. */
#include "main/gate.h"

#include <syslog.h>

#include "auth/starter.h"
#include "base/log.h"
#include "main/padlock.h"

#define HANDSHAKE_MS 30000

static const struct log_kind no_handshake = {
	.id = "5f0e8ab9b1c14e0f9a3bb0f5a2d4c703",
	.level = LOG_NOTICE,
	.text = "TLS handshake failed",
};

/* Passwords are not taken in the clear for want of it. */
static const struct log_kind out_of_order = {
	.id = "d407f40bcf2f41c0a5d2a9a8dd90c85f",
	.level = LOG_ERR,
	.text = "a certificate is published, but cannot be read",
};

bool gate_in_tls(const struct gate *g)
{
	return g->info.version[0] != '\0';
}

static bool says(const struct gate *g, const char *policy)
{
	return slice_eq(g->handler->program.settings.auth.cleartext,
			slice_of(policy));
}

/* doc/auth.md has the table. */
bool gate_plain_ok(const struct gate *g)
{
	const struct peer *p = &g->handler->door.peer;

	if (gate_in_tls(g) || !peer_has_ip(p) || says(g, "yes"))
		return true;
	return says(g, "auto") && (!g->certificate || peer_is_loopback(p));
}

bool gate_offers_tls(const struct gate *g)
{
	return g->certificate && !gate_in_tls(g);
}

/* What postern-authd is to know of the session. */
static struct auth_scene scene_of(const struct gate *g)
{
	const struct handler *h = g->handler;

	return (struct auth_scene){
		.service = slice_of(h->service),
		.peer_ip = slice_of(h->door.peer_ip),
		.session = slice_of(h->session),
		.plaintext = gate_plain_ok(g),
		.tls = gate_in_tls(g),
		.binding = { (const char *)g->info.binding, g->info.binding_n },
		.external = slice_of(g->info.client),
	};
}

void gate_new_scene(struct gate *g)
{
	const struct auth_scene scene = scene_of(g);

	link_scene(g->link, &scene);
}

static void log_no_handshake(const struct handler *h, const char *why)
{
	const struct log_field fields[] = {
		{ "SESSION", slice_of(h->session) },
		{ "PEER", slice_of(h->door.peer_text) },
		{ "DETAIL", slice_of(why) },
	};

	log_event(&no_handshake, fields, ARRAY_LEN(fields));
}

/* Our side, loaded when it is first wanted. 0 or -errno. */
static int load(struct gate *g, struct tls_info *ret)
{
	struct handler *h = g->handler;
	int r = 0;

	if (h->side)
		g->tls = h->side;
	if (!g->tls) {
		h->loaded_tls = true;
		r = padlock_open(&h->program.settings, h->service, false,
				 &g->tls);
	}
	*ret = (struct tls_info){ .version = "" };
	if (r < 0)
		(void)snprintf(ret->trouble, sizeof(ret->trouble),
			       "TLS cannot be set up: %s; see postern check",
			       strerror(-r));
	return r;
}

int gate_ready(void *context)
{
	struct gate *g = context;
	struct tls_info info;
	int r = load(g, &info);

	if (r < 0)
		log_no_handshake(g->handler, info.trouble);
	return r;
}

int gate_shake(void *context, struct stream *s, struct tls_info *ret)
{
	struct gate *g = context;
	int r = load(g, ret);

	stream_deadline(s, HANDSHAKE_MS, HANDSHAKE_MS);
	if (r == 0)
		r = tls_accept(g->tls, s, ret);
	if (r < 0) {
		log_no_handshake(g->handler, ret->trouble);
		return r;
	}
	g->info = *ret;
	gate_new_scene(g);
	return 0;
}

/* Where nothing listens on postern-authd's socket, somebody must be able to
 * start that program. */
static int start_starter(struct handler *h, bool of_many)
{
	const struct settings *s = &h->program.settings;
	const char *config = program_config(&h->program);
	int fd;

	if ((h->no_logins && h->no_logins(h)) || !starter_needed(s))
		return 0;
	fd = of_many ? starter_of_many(s, config, door_stderr_is_ours())
		     : starter_new(s, config, door_stderr_is_ours());
	if (fd < 0)
		return fd;
	*(of_many ? &h->starters : &h->starter) = fd;
	return 0;
}

int gate_fence(struct handler *h, bool accepts)
{
	int r = 0;

	if (h->fenced)
		return 0;
	r = start_starter(h, accepts);
	if (r == 0 && h->prepare)
		r = h->prepare(h);
	if (r == 0)
		r = fence_process(accepts ? h->filter_door : h->filter,
				  h->memory_max);
	h->fenced = r == 0;
	return r;
}

static void log_out_of_order(const struct handler *h, int error)
{
	const struct log_field fields[] = {
		{ "SESSION", slice_of(h->session) },
		{ "PLACE", h->program.settings.tls.directory },
		{ "STATUS", slice_of(strerror(-error)) },
		{ "DETAIL", SLICE("its files are to be root:postern-tls 0640 "
				  "in 0750, and our account in that group") },
	};

	log_event(&out_of_order, fields, ARRAY_LEN(fields));
}

int gate_open(struct gate *g, struct handler *h)
{
	const struct settings *s = &h->program.settings;
	struct link_config config;
	int there = padlock_is_there(s);

	if (there < 0)
		log_out_of_order(h, there);
	*g = (struct gate){ .handler = h, .certificate = there != 0 };
	config = (struct link_config){
		.settings = s,
		.usher = h->usher,
		.starter = h->starter,
		/* an usher has to ask twice */
		.wait_ms = h->usher > 0 ? 3 * GATE_ANSWER_MS : GATE_ANSWER_MS,
		.scene = scene_of(g),
	};
	g->link = link_new(&config);
	if (!g->link)
		return -ENOMEM;
	g->hooks = link_hooks(g->link);
	return h->tls ? gate_shake(g, h->stream, &g->info) : 0;
}

void gate_close(struct gate *g)
{
	link_free(g->link);
	if (g->tls != g->handler->side)
		tls_free(g->tls);
	g->link = NULL;
	g->tls = NULL;
}
