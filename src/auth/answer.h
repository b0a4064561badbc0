/* SPDX-License-Identifier: ISC */
/* Answers of the line protocol (auth/wire.h), for the two that give them: the
 * judge's side (serve.h), and who stands between (usher.h). */
#pragma once

#include "auth/wire.h"
#include "net/stream.h"

/* mechanisms: their names, blanks between. */
void answer_mechanisms(struct stream *s, const char *mechanisms);

/* text, user: as wire_put_step has them. 0 or -ENOBUFS: too long. */
int answer_step(struct stream *s, enum auth_step step, struct slice text,
		const struct user *user) MUST_LOOK;
