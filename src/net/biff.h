/* SPDX-License-Identifier: ISC */
/* "You have new mail": the datagram that comsat(8) has waited for since 4.2BSD,
 * "user@offset", the offset of the new From_ line in the user's mailbox. */
#pragma once

#include "base/slice.h"

#define BIFF_PORT     512 /* biff/udp */
#define BIFF_USER_MAX 255

/* A socket connected to `address` (server_parse), to be opened before a process
 * forbids itself to open any. One that leads to this host leads nowhere else.
 * Descriptor, -EINVAL (no address), or -errno. */
int biff_open(const char *address) MUST_LOOK;

/* Send one. Nothing is waited for, and whether anybody listens is not known.
 * 0, -EINVAL (no name for a user), or -errno: of use in tests only. */
int biff_send(int biff, struct slice user, uint64_t at) MUST_LOOK;
