/* SPDX-License-Identifier: ISC */
/* The brake: failed logins by source (IPv4 address, IPv6 /64) and by account,
 * as leaky buckets in a file that all processes share. The file may be lost or
 * hold anything: then there is less of a brake, nothing else. Names stand in
 * it only as keyed hashes. */
#pragma once

#include "auth/secret.h"
#include "base/slice.h"

struct brake;

struct brake_config {
	const char *path;    /* made when missing; NULL or "": no brake */
	uint64_t failures;   /* as many in a row are free */
	uint64_t relief_s;   /* one is forgiven in this time */
	uint64_t remember_s; /* how long a right password is known */
	uint8_t secret[SECRET_BYTES];
};

/* Never fails: NULL is a brake that never acts, and is taken by all below. */
struct brake *brake_open(const struct brake_config *config);
void brake_close(struct brake *b);

/* Must this source wait, or the account, as seen from this source? ip: text;
 * empty: no source. name: empty: not known yet. A source from which the
 * account has logged in within 30 days is not held up by the account's
 * failures, only by its own. */
bool brake_holds(const struct brake *b, struct slice ip, struct slice name);

void brake_failed(struct brake *b, struct slice ip, struct slice name);
void brake_passed(struct brake *b, struct slice ip, struct slice name);

/* Whoever polls each minute need not cost a slow hash each time: was this
 * password right for this hash within remember_s? Keyed with the host's
 * secret; a changed hash is another. remember_s 0: never. */
bool brake_remembers(const struct brake *b, struct slice name,
		     struct slice password, struct slice hash);
void brake_remember(struct brake *b, struct slice name, struct slice password,
		    struct slice hash);
