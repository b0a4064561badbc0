/* SPDX-License-Identifier: ISC */
/* Passwords that were found right a while ago, so that a client that asks every
 * minute does not cost a crypt(3) each time.
 *
 * What is kept is an HMAC of name, password and stored hash, under a key that
 * lasts until the next boot. Key and HMACs lie in one file: who can read it
 * and the users file can try passwords faster than crypt(3) would let them. It
 * belongs where nothing outlives the boot (/run). */
#pragma once

#include "base/slice.h"

struct remember;

/* Open the file at `path`, or make it (mode 0600); processes of one user share
 * it. After another boot, or damage, it is empty. A password is remembered for
 * `lasts_s` seconds after it was put.
 *
 * 0; -EPERM, -ELOOP, -EMLINK, -EINVAL: the file is not ours alone; or -errno.
 * Logins go on without: every function takes NULL for one that knows nothing.
 */
int remember_open(const char *path, unsigned lasts_s,
		  struct remember **ret) MUST_LOOK;

/* Tests: the same, as if the boot had this id. */
int remember_open_in_boot(const char *path, unsigned lasts_s, struct slice boot,
			  struct remember **ret) MUST_LOOK;

/* Was this password right for this name, while `hash` stood in the users file?
 * The caller has just read `hash` there, and has seen that the user may log in.
 */
bool remember_has(struct remember *r, struct slice name, struct slice password,
		  struct slice hash) MUST_LOOK;

/* It is right: crypt(3) said so. */
void remember_put(struct remember *r, struct slice name, struct slice password,
		  struct slice hash);

void remember_close(struct remember *r);
