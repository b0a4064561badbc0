/* SPDX-License-Identifier: ISC */
/* The one seat for a POP3 session in a mailbox: NAME.session, locked as long
 * as it lasts (alone; shared once it is about to end); its mtime is the last
 * login. */
#pragma once

#include "store/place.h"

/* Take it: descriptor. -EBUSY with *ret_wait_ms as maildrop_open says, or
 * -errno. A session that is about to leave it is waited for, leaving_ms at
 * most. */
int seat_take(const struct place *p, int64_t login_delay_ms,
	      uint64_t leaving_ms, int64_t *ret_wait_ms) MUST_LOOK;

/* Take it for work that is no login, as soon as it is free: -EBUSY when it is
 * not within wait_ms. */
int seat_wait(const struct place *p, uint64_t wait_ms) MUST_LOOK;

/* The login has succeeded: remember when. */
int seat_stamp(int seat) MUST_LOOK;

/* The session is over but for what its QUIT has left to be done: whoever comes
 * now may wait for the seat. */
int seat_leave(int seat) MUST_LOOK;
