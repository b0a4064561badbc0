/* SPDX-License-Identifier: ISC */
/* "You have new mail": the datagram that comsat(8) has waited for since 4.2BSD,
 * "user@offset", the offset of the new From_ line in the user's mailbox. */
#pragma once

#include "base/slice.h"

#define BIFF_PORT     512 /* biff/udp */
#define BIFF_USER_MAX 255

/* Send one to `address` (server_parse). Nothing is waited for, and whether
 * anybody listens is not known. 0, -EINVAL (no address, or no name for a
 * user), or -errno: of use in tests only. */
int biff_send(const char *address, struct slice user, uint64_t at) MUST_LOOK;
