/* SPDX-License-Identifier: ISC */
/* Appends that a crash tore. Every message of ours is sealed (mail/seal.h):
 * what is not as long, or not the content, that its seal says, and shows the
 * marks of a crash (cut off, or octets that never reached the disk) is taken
 * out. What an MUA edited, and what others wrote, stays. */
#pragma once

#include "store/place.h"

/* Look at what has come since the mark of `notes`; take out what is torn, note
 * named deliveries that are whole, and move the mark. With the mailbox locked.
 * 0 or -errno. */
int torn_repair(const struct place *p, int fd) MUST_LOOK;
