/* SPDX-License-Identifier: ISC */
/* See tls.h, tls_cert.h: hands on to the module, which is loaded here when it
 * is first needed. */
#include "net/tls_module.h"

int tls_server_new(const struct tls_server_config *c, struct tls **ret)
{
	const struct tls_module *m = tls_module();

	return m ? m->server_new(c, ret) : -ELIBACC;
}

int tls_client_new(const struct tls_client_config *c, struct tls **ret)
{
	const struct tls_module *m = tls_module();

	return m ? m->client_new(c, ret) : -ELIBACC;
}

void tls_free(struct tls *t)
{
	if (t)
		tls_module()->free(t);
}

int tls_accept(struct tls *t, struct stream *s, struct tls_info *ret)
{
	return tls_module()->accept(t, s, ret);
}

int tls_connect(struct tls *t, struct stream *s, const char *host, bool must,
		struct tls_info *ret)
{
	return tls_module()->connect(t, s, host, must, ret);
}

int tls_pair_read(struct slice chain, struct slice key, struct tls_pair *ret,
		  char ret_trouble[TLS_TROUBLE_MAX])
{
	const struct tls_module *m = tls_module();

	if (m)
		return m->pair_read(chain, key, ret, ret_trouble);
	(void)snprintf(ret_trouble, TLS_TROUBLE_MAX, "%s is not installed",
		       TLS_MODULE_FILE);
	return -ELIBACC;
}

void tls_pair_done(struct tls_pair *p)
{
	for (size_t i = 0; i < p->n_names; i++)
		free(p->names[i]);
	free(p->names);
	*p = (struct tls_pair){ 0 };
}

static bool matches(const char *pattern, const char *name)
{
	const char *parent = strchr(name, '.');

	if (strncmp(pattern, "*.", 2) == 0)
		return parent && parent > name &&
		       strcasecmp(pattern + 1, parent) == 0;
	return strcasecmp(pattern, name) == 0;
}

bool tls_pair_covers(const struct tls_pair *p, const char *name)
{
	for (size_t i = 0; i < p->n_names; i++)
		if (matches(p->names[i], name))
			return true;
	return false;
}

int tls_self_signed(char *const *names, size_t n, unsigned days,
		    struct buf *ret_chain, struct buf *ret_key)
{
	const struct tls_module *m = tls_module();

	return m ? m->self_signed(names, n, days, ret_chain, ret_key)
		 : -ELIBACC;
}

int tls_staple_judge(struct slice chain, struct slice response,
		     char ret_trouble[TLS_TROUBLE_MAX])
{
	const struct tls_module *m = tls_module();

	return m ? m->staple_judge(chain, response, ret_trouble) : -ELIBACC;
}

enum tls_chain_end tls_chain_judge(struct slice chain,
				   char ret_what[TLS_TROUBLE_MAX])
{
	const struct tls_module *m = tls_module();

	return m ? m->chain_judge(chain, ret_what) : TLS_CHAIN_UNKNOWN;
}
