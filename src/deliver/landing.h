/* SPDX-License-Identifier: ISC */
/* What follows when a message has reached a mailbox: whoever waits for new
 * mail hears of it, and its owner may have to be told that it fills up. None
 * of it can undo the delivery or fail it. */
#pragma once

#include "deliver/parcel.h"

void landing(struct deliver *d, const struct route_target *target,
	     const struct mbox_appended *did);
