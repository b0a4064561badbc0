/* SPDX-License-Identifier: ISC */
/* One handler's connection to postern-authd: any number of exchanges, one
 * after the other (wire.h). */
#pragma once

#include "conf/settings.h"
#include "net/stream.h"

/* Until the handler hangs up, or is silent for too long. 0 or -errno. */
int auth_serve(struct stream *s, const struct settings *settings) MUST_LOOK;
