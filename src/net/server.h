/* SPDX-License-Identifier: ISC */
/* A server by its address, as configuration files name it. */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/slice.h"

union server_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353"; port:
 * where none is said. *ret_n: octets of the address. 0 or -EINVAL. */
int server_parse(const char *text, uint16_t port, union server_address *ret,
		 socklen_t *ret_n) MUST_LOOK;
