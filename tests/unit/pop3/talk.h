/* SPDX-License-Identifier: ISC */
/* One session over memory: what is said, what comes back. */
#pragma once

#include "pop3/session.h"
#include "tests/unit/security.h"
#include "tests/unit/pop3/maildrop.h"

struct talk {
	struct security security; /* first: who it is */
	struct maildrop drop;
	enum pop3_login login; /* what the maildrop's hook answers */
	bool plain_ok;         /* USER may be said */
	bool tls;              /* STLS is there */
	const char *fill;      /* and how full it says the mailbox is */
	unsigned decided;
	bool said_first; /* for a test to keep */
	struct pop3_config config;
	struct buf output;
};

/* Three small messages, one session; the output stays in t->output. */
void talk_new(struct talk *t);
void talk_done(struct talk *t);

/* All of the input at once, and in pieces of `chunk` octets. The transcript
 * without the greeting, NUL-terminated. */
const char *talk(struct talk *t, const char *input, size_t chunk);

#define LOGIN "USER alice\r\nPASS secret\r\n"

/* The same behind a login whose replies are cut off. */
const char *talk_inside(struct talk *t, const char *input);
