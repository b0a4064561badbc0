/* SPDX-License-Identifier: ISC */
/* The one seat for a POP3 session in a mailbox: NAME.session, locked as long
 * as it lasts; its mtime is the last login. */
#pragma once

#include "store/place.h"

/* Take it: descriptor. -EBUSY with *ret_wait_ms as maildrop_open says, or
 * -errno. */
int seat_take(const struct place *p, int64_t login_delay_ms,
	      int64_t *ret_wait_ms) MUST_LOOK;

/* Take it for work that is no login, as soon as it is free: -EBUSY when it is
 * not within wait_ms. */
int seat_wait(const struct place *p, uint64_t wait_ms) MUST_LOOK;

/* The login has succeeded: remember when. */
int seat_stamp(int seat) MUST_LOOK;
