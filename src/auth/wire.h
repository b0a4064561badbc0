/* SPDX-License-Identifier: ISC */
/* What handlers and postern-authd say to each other, a line each way in turn:
 *
 *     begin mechanism=PLAIN service=smtp … initial=AGFsaWNlAHNlY3JldA==
 *     more challenge=…
 *     next response=…
 *     yes name=alice mailbox=alice options=
 *
 * A verb, then fields key=value with one blank between; in a value all but
 * letters, digits and @ . _ : / + = - is %XX. doc/auth.md has the whole. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

#define WIRE_LINE_MAX 16000 /* fits a stream's buffer */

/* Append a field. 0 or as buf_put. */
int wire_put(struct buf *line, const char *key, struct slice value) MUST_LOOK;

/* A line apart: its verb, and the rest for wire_field. */
struct slice wire_verb(struct slice line, struct slice *ret_fields);

/* The value of `key` among `fields`, in `arena`: 1, 0 (it is not there),
 * -EBADMSG, -ENOMEM. */
int wire_field(struct slice fields, const char *key, struct arena *arena,
	       struct slice *ret) MUST_LOOK;
