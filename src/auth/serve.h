/* SPDX-License-Identifier: ISC */
/* The judge's side of the line protocol (auth/wire.h): any number of exchanges
 * over one stream. */
#pragma once

#include "auth/judge.h"
#include "net/stream.h"

#define AUTH_SERVE_IDLE_MS                                                     \
	(10 * 60 * 1000) /* as long as a session may think                     \
			  */
#define AUTH_SERVE_WHOLE_MS (30 * 60 * 1000)

/* Until the other side goes. 0, -EPROTO (it does not speak it), or -errno. */
int auth_serve(struct stream *s, const struct settings *settings) MUST_LOOK;
