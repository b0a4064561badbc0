/* SPDX-License-Identifier: ISC */
/* SASL's mechanisms (RFC 4422), either side of them, by GNU SASL: a module, for
 * USER and PASS need none of it (base/module.h). judge.h and client.h are what
 * the rooms use. Knows no file, no user and no log; wipes what it was told when
 * it is freed. */
#pragma once

#include "auth/scram.h"
#include "base/module.h"

struct sasl; /* an exchange */

/* What the server's side asks for while it is stepped. name: as the client gave
 * it; wanted: whom it wants to act as, or NULL. False: no. */
struct sasl_hooks {
	bool (*password)(void *context, const char *name, const char *wanted,
			 const char *password);
	/* Somebody else's proof: EXTERNAL. */
	bool (*proven)(void *context, const char *wanted);
	bool (*keys)(void *context, const char *name, const char *wanted,
		     struct scram_keys *ret);
	/* The channel's, to bind to; empty: none. */
	struct slice (*binding)(void *context);
};

/* The client's side. */
struct sasl_login {
	const char *mechanism, *user, *password;
	struct slice binding; /* empty: do not bind */
};

enum sasl_step {
	SASL_DONE, /* right; what it says goes out all the same */
	SASL_MORE,
	SASL_NO,
	SASL_MALFORMED,
	SASL_NO_MEMORY,
};

struct sasl_module {
	struct module module;
	/* hooks and context outlive it. 0, -ENOTSUP: no such mechanism, or
	 * -ENOMEM. */
	int (*server_new)(const char *mechanism, const struct sasl_hooks *hooks,
			  void *context, struct sasl **ret);
	int (*client_new)(const struct sasl_login *login, struct sasl **ret);
	void (*free)(struct sasl *s);
	/* in: what the other side says. *ret, with DONE and MORE: what to
	 * answer; valid until the next step. */
	enum sasl_step (*step)(struct sasl *s, struct slice in,
			       struct slice *ret);
	/* Both in base64. */
	enum sasl_step (*step64)(struct sasl *s, const char *in,
				 struct slice *ret);
	/* SASLprep (RFC 4013), to be dropped. 0, -EINVAL: it cannot be
	 * prepared, or -ENOMEM. */
	int (*prepare)(const char *text, char **ret);
	void (*drop)(char *prepared); /* wipes */
};

/* The module's one symbol. */
#define SASL_MODULE_SYMBOL "postern_sasl"
#define SASL_MODULE_FILE   "postern-sasl.so"
extern const struct sasl_module postern_sasl;

/* Loaded on the first call; NULL: it is not there, or of another version. What
 * links the library itself (tests) has it at hand: sasl_linked.c in place of
 * sasl_load.c, which programs have among their sources. */
const struct sasl_module *sasl_module(void);

/* Has this process got it, from before a fork perhaps? */
bool sasl_is_loaded(void);
