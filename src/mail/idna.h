/* SPDX-License-Identifier: ISC */
/* Internationalised domain names (IDNA 2008) by libidn2: a module, for few
 * names need it (base/module.h). domain.h is what the rooms use. */
#pragma once

#include "base/module.h"
#include "mail/addr.h"

/* Results are idna's own: `free` them; NULL unless ADDR_OK. */
struct idna {
	struct module module;
	/* The A-label form of UTF-8 text, or of A-labels what they are when
	 * they have been decoded, judged, and encoded again. ADDR_OK,
	 * ADDR_DOMAIN_LONG, ADDR_DOMAIN_SYNTAX, ADDR_NO_MEMORY. */
	enum addr_trouble (*to_ascii)(const char *name, char **ret);
	/* The U-label form. ADDR_OK, ADDR_DOMAIN_SYNTAX. */
	enum addr_trouble (*to_unicode)(const char *name, char **ret);
	void (*free)(char *result);
};

/* The module's one symbol. */
#define IDNA_SYMBOL "postern_idna"
#define IDNA_FILE   "postern-idna.so"
extern const struct idna postern_idna;

/* Loaded on the first call; NULL: it is not there, or of another version. What
 * links the library itself (tests) has it at hand: idna_linked.c in place of
 * idna_load.c, which programs have among their sources. */
const struct idna *idna(void);
