/* SPDX-License-Identifier: ISC */
/* What became of an attempt to deliver, in the words DSNs use (RFC 3463). */
#pragma once

#include "mail/envelope.h"
#include "route/route.h"

/* Note on `r`: a mailbox said this error. Every one of them may pass but
 * -E2BIG: with it the recipient's state is RECIPIENT_FAILED. */
void outcome_of_error(struct recipient *r, int error);

/* Note on `r` why it cannot be delivered just now, or ever (its state is then
 * RECIPIENT_FAILED). */
void outcome_of_route(struct recipient *r, enum route_outcome outcome);

void outcome_loop(struct recipient *r);
void outcome_delivered(struct recipient *r);
