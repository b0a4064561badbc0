/* SPDX-License-Identifier: ISC */
/* See handshake.h. */
#include "relay/handshake.h"

static const char *given(struct slice path)
{
	return path.n > 0 ? path.p : NULL;
}

static int make(struct handshake *h)
{
	const struct settings *s = h->settings;

	return tls_client_new(
		&(struct tls_client_config){
			.priority = s->tls.priority.p,
			.ca = given(s->relay.tls_ca),
			.cert = given(s->relay.tls_certificate),
			.key = given(s->relay.tls_key),
		},
		&h->tls);
}

int handshake_run(void *context, struct stream *s, struct tls_info *ret)
{
	struct handshake *h = context;
	int r = h->tls ? 0 : make(h);

	if (r == 0)
		return tls_connect(h->tls, s, h->name, h->must, ret);
	*ret = (struct tls_info){ .version = "" };
	(void)snprintf(ret->trouble, sizeof(ret->trouble),
		       "our own settings of it cannot be used: %s",
		       strerror(-r));
	return r;
}

void handshake_text(const struct tls_info *info, char *ret, size_t n)
{
	if (info)
		(void)snprintf(ret, n, "%s %s %s", info->version, info->cipher,
			       info->verified ? "verified" : "unverified");
	else
		(void)snprintf(ret, n, "no");
}

void handshake_done(struct handshake *h)
{
	tls_free(h->tls);
	h->tls = NULL;
}
