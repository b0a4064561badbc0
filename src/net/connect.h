/* SPDX-License-Identifier: ISC */
/* Going out: one TCP connection to one address. */
#pragma once

#include "base/slice.h"

/* ip: text; port; bind_ip: our own address to use, or NULL. A connected,
 * close-on-exec socket, or -ETIMEDOUT, -ECONNREFUSED, … */
int connect_tcp(const char *ip, uint16_t port, const char *bind_ip,
		int64_t wait_ms) MUST_LOOK;
