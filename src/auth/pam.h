/* SPDX-License-Identifier: ISC */
/* The system's accounts, by PAM (service "postern"): a module, for who stands
 * in the users file needs none of it (base/module.h). */
#pragma once

#include "auth/auth.h"
#include "base/module.h"

struct pam_module {
	struct module module;
	/* peer_ip may be empty. */
	enum auth_outcome (*password)(const char *name, const char *password,
				      const char *peer_ip);
	/* Who he is has been proven otherwise: may he come in at all, or has
	 * his account expired, or is a new password due? */
	enum auth_outcome (*may_enter)(const char *name, const char *peer_ip);
};

/* The module's one symbol. */
#define PAM_MODULE_SYMBOL "postern_pam"
#define PAM_MODULE_FILE   "postern-pam.so"
extern const struct pam_module postern_pam;

/* Loaded on the first call; NULL: it is not there, or of another version. As
 * with SASL (sasl.h), pam_linked.c stands in for pam_load.c; no_pam.c for both
 * where PAM was not built in, and there it is always NULL. */
const struct pam_module *pam_module(void);
bool pam_is_built(void);
