/* SPDX-License-Identifier: ISC */
/* The resolver's state, for the files of this room that ask it. */
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>

#include "net/dns.h"

#define DNS_ANSWER_MAX 65535

struct dns {
	struct __res_state state;
	struct sockaddr_in6 v6; /* a server named in the configuration */
	bool own_server;
	struct pollfd reached[MAXNS]; /* servers that dns_ask_many asks */
	size_t n_reached;
	unsigned char answer[DNS_ANSWER_MAX];
};

/* A domain name inside an answer, lower case, without its final dot. */
struct slice dns_name_at(const void *message, const void *end, const void *at,
			 struct arena *arena);
