/* SPDX-License-Identifier: ISC */
/* The text of a next hop: "example.net", "example.net:2525", "[192.0.2.1]",
 * "[2001:db8::1]:25", "[relay.example]:587"; in a routes file also ":2525",
 * the domain itself at another port. Brackets: no MX look-up. */
#pragma once

#include "base/slice.h"

struct hop {
	struct slice name; /* without brackets; empty for ":2525" */
	bool fixed;        /* stood in brackets */
	uint16_t port;     /* 0: not named */
};

/* All of `text`. 0 or -EINVAL. */
int hop_parse(struct slice text, struct hop *ret) MUST_LOOK;
